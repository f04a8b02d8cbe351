"""What is said of suggestions follows from the square of counts, and of rules from their verdicts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import rules, suggestions
from incidents.patterns.answers.rules import Judged
from incidents.patterns.answers.shape import Answer, Base
from incidents.patterns.answers.suggestions import Pair
from incidents.response.vocabulary import Layer

LAYERS = tuple(Layer.values)
MANY = Base(incidents=5000, tagged=5000, untagged=0, open=0)
FEW = Base(incidents=29, tagged=29, untagged=0, open=0)
Found = dict[tuple[str, str], int]


def answered(found: Found, base: Base = MANY) -> Answer:
    return suggestions.answer([Pair(*pair, 0, count) for pair, count in found.items()], base, layers=LAYERS)


@pytest.mark.parametrize(
    ("found", "base", "says"),
    [
        ({}, MANY, "No suggestion can be compared with a finding yet."),
        ({("data", ""): 9}, MANY, "No suggestion can be compared with a finding yet."),
        (
            {("data", "data"): 3, ("data", "org"): 1},
            MANY,
            "Rules suggested the layer that people found 3 of 4 times: too few to say more.",
        ),
        ({("data", "org"): 29}, MANY, "Rules suggested the layer that people found 0 of 29 times."),
        ({("data", "data"): 20, ("org", "org"): 9}, FEW, "Rules suggested the layer that people found 29 of 29 times."),
        (
            {("data", "data"): 20, ("org", "org"): 10, ("org", "data"): 10},
            MANY,
            "Rules suggested the layer that people found 75 % of the time.",
        ),
    ],
)
def test_the_sentence(found: Found, base: Base, says: str) -> None:
    assert answered(found, base).headline == says


def test_agreement_is_told_with_its_interval_and_beyond_chance() -> None:
    one = answered({("data", "data"): 20, ("data", "org"): 5, ("org", "data"): 10, ("org", "org"): 15})
    assert "35 of 50 agree (56 to 81 %); kappa 0.40 (0.15 to 0.65, standard error 0.13)" in one.caption
    assert "Where they differ, neither direction is more frequent than chance would make it (Bowker p 0.197)." in (
        one.notes
    )


def test_one_layer_only_is_no_better_than_chance() -> None:
    assert "all of them in one layer, so chance would do as well" in answered({("data", "data"): 40}).caption


def test_few_incidents_are_counted_and_nothing_is_inferred() -> None:
    one = answered({("data", "data"): 20, ("data", "org"): 9}, FEW)
    assert "kappa" not in one.caption
    assert not any("Bowker" in note or "differ" in note for note in one.notes)


def test_which_way_mistakes_lean_is_named() -> None:
    table = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]  # Stuart 1953
    found = {(one, other): table[i][j] for i, one in enumerate(LAYERS[:4]) for j, other in enumerate(LAYERS[:4])}
    (said,) = [note for note in answered(found).notes if "lean" in note]
    one, other = LAYERS[0], LAYERS[3]
    assert said == (
        f"Where they differ, they lean one way (Bowker p 0.004): most of all {one} was suggested and {other} found "
        "66 times, the other way round 36 times."
    )


def test_few_mistakes_lean_no_way() -> None:
    one = answered({("data", "data"): 60, ("data", "org"): 9})
    assert "Too few differ (9) to tell whether they lean one way." in one.notes


def test_what_waits_for_a_finding_is_told_and_not_compared() -> None:
    one = answered({("data", ""): 3, ("data", "data"): 6})
    assert one.n == 6
    assert "3 more have a suggestion and no primary finding yet." in one.notes


pairs = st.dictionaries(
    st.tuples(st.sampled_from(LAYERS), st.sampled_from([*LAYERS, ""])), st.integers(1, 60), max_size=20
)


@given(pairs)
def test_the_figure_is_the_table(found: Found) -> None:
    one = answered(found)
    known = {pair: count for pair, count in found.items() if pair[1]}
    rows = {(row.values["suggested"], row.values["found"]): row.values["incidents"] for row in one.lines}
    assert {pair: count for pair, count in rows.items() if count} == known
    assert one.n == sum(known.values())
    assert len(rows) == len({layer for pair in known for layer in pair}) ** 2
    if not known:
        assert one.figure is None
        return
    (squares,) = one.figure["data"]
    drawn = zip(squares["y"], squares["x"], squares["text"], squares["customdata"], strict=True)
    assert {(down, across): int(text) for down, across, text, _ in drawn} == known
    assert {(to["suggested"], to["found"]) for to in squares["customdata"]} == set(known)


def test_rules_are_counted_and_shares_told_from_five_on() -> None:
    rows = [Judged("layer", "4", 2, 4, 4, 4), Judged("built_in", "retries", 1, 10, 6, 8)]
    one = rules.answer(rows, MANY)
    assert one.headline == "People accepted 10 of 14 suggested layers, of 2 rules."
    assert one.column("rule") == ["built-in rule retries", "rule 4"]
    assert one.column("share") == [0.6, None]
    assert one.figure is not None
    (bars,) = one.figure["data"]
    assert (bars["y"], bars["x"]) == (["built-in rule retries"], [0.6])
    assert bars["customdata"] == [{"rule": "built_in:retries"}]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "Nobody has accepted or corrected a suggested layer yet."),
        (
            [Judged("layer", "4", 1, 4, 1, 1)],
            "People accepted 1 of 4 suggested layers, of one rule: too few to say more.",
        ),
    ],
)
def test_few_verdicts(rows: list[Judged], says: str) -> None:
    one = rules.answer(rows, MANY)
    assert one.headline == says
    assert one.figure is None


def test_few_incidents_have_no_shares_of_rules() -> None:
    assert rules.answer([Judged("layer", "4", 1, 20, 10, 12)], FEW).column("share") == [None]
