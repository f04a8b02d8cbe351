"""Streams of documents: exact cuts, exact lines, and nothing that eats the machine."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ownership.importing import yamldocs

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


def read(text: str) -> list[yamldocs.Document]:
    return list(yamldocs.documents(text))


def test_cuts_only_at_markers_in_the_first_column() -> None:
    first, second = read("kind: A\ntext: |\n  ---\n  x\n---\nkind: B\n")
    assert first.value == {"kind": "A", "text": "---\nx\n"}
    assert (second.value, second.line, second.line_of("kind")) == ({"kind": "B"}, 6, 6)


def test_a_comment_before_the_first_marker_is_no_document_and_an_empty_one_is() -> None:
    assert [one.value for one in read("# made by a program\n---\nkind: A\n---\n# nothing\n---\n")] == [
        {"kind": "A"},
        None,
        None,
    ]


def test_an_error_costs_one_document_and_has_its_line() -> None:
    first, bad, last = read("kind: A\n---\nkind: [B\n---\nkind: C\n")
    assert (first.value, last.value) == ({"kind": "A"}, {"kind": "C"})
    assert (bad.code, bad.line) == ("bad_yaml", 3)


@pytest.mark.parametrize("text", [BOMB, "a: &a [*a]\n", "[" * 500, "[" * 100_000, "- x\n" * 200_001])
def test_bombs_loops_and_depths_are_refused_before_they_are_written_out(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed, expanded = [], yamldocs._expanded

    def noting(node: yaml.Node, known: dict[int, int | None]) -> int:
        weighed.append(node)
        return expanded(node, known)

    monkeypatch.setattr(yamldocs, "_expanded", noting)
    (document,) = read(text)
    assert document.code == "yaml_too_large"
    assert len(weighed) < 1000  # the bomb holds 9 ** 12 values


def test_no_tag_builds_anything() -> None:
    (document,) = read("a: !!python/object/apply:os.getcwd []\nb: !mine text\n")
    assert document.value == {"a": [], "b": "text"}


def test_aliases_and_merges_are_written_out() -> None:
    (document,) = read("base: &base {owner: a, tier: x}\nspec: {<<: *base, owner: b}\n")
    assert document.value == {"base": {"owner": "a", "tier": "x"}, "spec": {"owner": "b", "tier": "x"}}


def test_what_a_database_cannot_keep_is_taken_out() -> None:
    (document,) = read('a: "x\\0y"\n')
    assert document.value == {"a": "xy"}
    assert yamldocs.clean("\ud800") == "?"


def test_a_repeated_key_is_told() -> None:
    (document,) = read("a: 1\nb: 2\na: 3\n")
    assert (document.value, document.repeated) == ({"a": "3", "b": "2"}, (("a", 3),))


words = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=30)
values = st.recursive(words, lambda inner: st.lists(inner) | st.dictionaries(words, inner), max_leaves=20)


@given(st.lists(values, max_size=5))
def test_what_was_written_is_read(written: list[object]) -> None:
    text = yaml.safe_dump_all(written, explicit_start=True, allow_unicode=True)
    assert [one.value for one in read(text)] == written


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    for document in read(text):
        assert document.line >= 1
        assert document.value is None or not document.error
