"""Comparing and merging texts: what is shown adds up to both texts, and what is chosen is what comes out."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from incidents.postmortems import comparing
from incidents.postmortems.comparing import PICKS, Fold, Line, Passage, Piece

WORDS = ("One.", "Two.", "Three!", "four", "five", " ", "  ", "\n", "\n\n", "- ", "ü", "e.g. ", "🙂")
texts = st.lists(st.sampled_from(WORDS), max_size=12).map("".join)


def changes(passages: Sequence[Passage]) -> list[str]:
    return [one.change for one in passages]


# ---- what is shown ----


@given(texts, texts)
def test_words_add_up_to_both_texts(old: str, new: str) -> None:
    pieces = comparing.words(old, new)
    assert "".join(one.text for one in pieces if one.kind != "new") == old
    assert "".join(one.text for one in pieces if one.kind != "gone") == new


@given(texts, texts)
def test_lines_add_up_to_both_texts(old: str, new: str) -> None:
    found = comparing.lines(old, new)
    before = ["".join(one.text for one in line.pieces if one.kind != "new") for line in found if line.before]
    after = ["".join(one.text for one in line.pieces if one.kind != "gone") for line in found if line.after]
    assert "\n".join(before) == old
    assert "\n".join(after) == new
    assert [line.before for line in found if line.before] == list(range(1, len(before) + 1))
    assert [line.after for line in found if line.after] == list(range(1, len(after) + 1))


def test_a_line_that_was_rewritten_shows_its_words() -> None:
    (line,) = comparing.lines("The answer took 4 s.", "The answer took 40 s.")
    assert (line.kind, line.before, line.after) == ("changed", 1, 1)
    assert line.pieces == (
        Piece("same", "The answer took"), Piece("gone", " 4"), Piece("new", " 40"), Piece("same", " s."),
    )  # fmt: skip


def test_a_line_that_has_little_in_common_is_one_gone_and_one_new() -> None:
    found = comparing.lines("Retries of retries.", "We believed in the fallback of it.")
    assert [line.kind for line in found] == ["gone", "new"]


def test_of_equal_texts_nothing_changed_and_of_none_all_is_new() -> None:
    assert [line.kind for line in comparing.lines("a\nb", "a\nb")] == ["same", "same"]
    assert [line.kind for line in comparing.lines("", "a\n\nb")] == ["new", "new", "new"]
    assert comparing.lines("", "") == []


def test_lines_far_from_a_change_are_folded() -> None:
    old = "\n".join(f"line {number}" for number in range(20))
    shown = comparing.folded(comparing.lines(old, old.replace("line 10", "something else entirely")), around=2)
    assert shown[0] == Fold(8)
    assert shown[-1] == Fold(7)
    assert [one.kind for one in shown[1:-1]] == ["same", "same", "gone", "new", "same", "same"]
    assert comparing.folded(comparing.lines(old, old)) == [Fold(20)]


def test_what_is_too_much_to_match_is_shown_as_rewritten() -> None:
    """Thousands of equal lines in another order would take difflib minutes."""
    old, new = "a\nb\n" * 20_000, "b\na\n" * 20_000
    found = comparing.lines(old, new)
    assert "\n".join(line.pieces[0].text for line in found if line.after) == new


# ---- merging ----


@given(texts, texts, texts)
def test_all_mine_is_mine_and_all_theirs_is_theirs(base: str, mine: str, theirs: str) -> None:
    passages = comparing.merge(base, mine, theirs)
    every = range(len(passages))
    assert comparing.merged(passages, dict.fromkeys(every, "mine")) == mine
    assert comparing.merged(passages, dict.fromkeys(every, "theirs")) == theirs


@given(texts, texts)
def test_who_changed_nothing_takes_what_the_other_wrote(base: str, other: str) -> None:
    assert comparing.merged(comparing.merge(base, base, other)) == other
    assert comparing.merged(comparing.merge(base, other, base)) == other
    assert comparing.merged(comparing.merge(base, other, other)) == other


@given(texts, texts, texts)
def test_neither_side_comes_first(base: str, mine: str, theirs: str) -> None:
    def turned(passage: Passage) -> tuple[str, str, str]:
        other = {"mine": "theirs", "theirs": "mine"}
        return other.get(passage.change, passage.change), passage.theirs, passage.mine

    there = comparing.merge(base, mine, theirs)
    back = comparing.merge(base, theirs, mine)
    assert [turned(one) for one in there] == [(one.change, one.mine, one.theirs) for one in back]


@given(texts, texts, texts, st.data())
def test_nothing_that_is_picked_is_lost(base: str, mine: str, theirs: str, data: st.DataObject) -> None:
    passages = comparing.merge(base, mine, theirs)
    picks = {number: data.draw(st.sampled_from(PICKS)) for number in range(len(passages))}
    text = comparing.merged(passages, picks)
    assert text is not None
    at = 0
    for number, passage in enumerate(passages):
        sides = {"mine": [passage.mine], "theirs": [passage.theirs], "both": [passage.mine, passage.theirs]}
        for side in sides[picks[number]]:
            assert side in text[at:]
            at = text.index(side, at) + len(side)


def test_other_sentences_of_one_paragraph_are_merged_by_themselves() -> None:
    base = "It was slow. Nobody saw it. We waited."
    passages = comparing.merge(base, "It was slow. Nobody saw it for 40 min. We waited.", base + " Jonas restarted it.")
    assert comparing.merged(passages) == "It was slow. Nobody saw it for 40 min. We waited. Jonas restarted it."
    assert changes(passages) == ["same", "mine", "same", "theirs"]


def test_the_same_sentence_changed_by_both_has_to_be_chosen() -> None:
    base = "It was slow. Nobody saw it. We waited."
    mine, theirs = base.replace("slow", "very slow"), base.replace("slow", "down")
    passages = comparing.merge(base, mine, theirs)
    assert changes(passages) == ["both", "same"]
    assert comparing.merged(passages) is None
    assert comparing.merged(passages, {0: "both"}) == "It was very slow.\nIt was down. Nobody saw it. We waited."


def test_neighbouring_sentences_that_both_changed_are_chosen_together() -> None:
    passages = comparing.merge("A. B. C.", "A1. B1. C.", "A2. B2. C.")
    assert [(one.change, one.mine, one.theirs) for one in passages] == [
        ("both", "A1. B1.", "A2. B2."),
        ("same", " C.", " C."),
    ]


def test_what_one_deleted_and_the_other_changed_has_to_be_chosen() -> None:
    passages = comparing.merge("A.\nB.\nC.", "A.\nC.", "A.\nB, better.\nC.")
    assert "both" in changes(passages)
    assert comparing.merged(passages) is None


def test_two_first_texts_can_both_be_kept() -> None:
    (passage,) = comparing.merge("", "Mine.", "Theirs.")
    assert passage.taken("both") == "Mine.\nTheirs."
    assert passage.pieces == (Piece("gone", "Theirs"), Piece("new", "Mine"), Piece("same", "."))


def test_a_line_is_what_templates_draw() -> None:
    assert Line("same", (Piece("same", "a"),), 1, 1) in comparing.lines("a", "a\nb")
