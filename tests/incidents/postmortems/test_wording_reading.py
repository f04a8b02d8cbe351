"""What no hint on wording looks at, and that a text costs time in step with its length."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from incidents.postmortems import wording
from incidents.postmortems.wording import Kind


def codes(text: str) -> list[str]:
    return [hint.code for hint in wording.check(text)]


@pytest.mark.parametrize(
    "text",
    [
        "```\nshould have\n```",
        "~~~ text\nshould have\n~~~\n",
        "````\n```\nshould have\n````",
        "- a list\n\n  ```\n  should have\n  ```",
        "words\n\n    should have",
        "\tshould have",
        "``should ` have``",
        '[a trace](https://example.org/should_have?q=should%20have "should have")',
        "<https://example.org/should have>",
        "https://example.org/human-error",
        "„should have“ and «should have» and ‘should have’",
        "> first\n> should have",
        "- > should have",
        "should\n\nhave",
        "- should\n- have",
    ],
)
def test_what_is_exempt(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "```\ncode\n```\nshould have",
        "`` ` should have",
        'an unclosed " should have',
        "an unclosed “ should have",
        "don’t quote: ‘it’s code’ should have",
        '19" rack and a 21" one should have',
        "- item\n\n    should have",
        "[should have](https://example.org)",
        "(https://example.org) should have",
        "> quoted\n\nshould have",
        "1 > 0, so it should have",
        "_should have_",
        "a-b\nshould have",
    ],
)
def test_what_is_not(text: str) -> None:
    assert codes(text) == ["counterfactual"]


def test_places_hold_behind_what_is_exempt_and_behind_letters_of_more_bytes() -> None:
    text = "Größe: `x` “naïve” 🙂 – Jürgen forgot; it should have failed."
    assert [(one.code, text[one.start : one.end]) for one in wording.check(text)] == [
        ("person_as_cause", "Jürgen forgot"),
        ("counterfactual", "should have failed"),
    ]


PATHOLOGICAL = {
    "letters": "A" * 50,
    "names": "Aa Bb " * 10,
    "spaces": "should" + " " * 50,
    "backticks": "` `` ``` ",
    "quotes": "“" * 50,
    "straight quotes": '" ' * 25,
    "brackets": "](" * 25,
    "of": "the root cause of ",
    "fences": "```\n~~~\n",
    "lists": "- 1. > ",
    "hits": "just do ",
    "addresses": "https://a" * 5,
    "lines": "\n- a\n",
}


def steps(text: str) -> int:
    """How many lines of Python a check runs; what RE2 does is linear in the text by construction."""
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        if "wording" not in frame.f_code.co_filename:
            return None
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        wording.check(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_a_text_twice_as_long_takes_at_most_twice_the_steps(name: str) -> None:
    piece = PATHOLOGICAL[name]
    text = piece * (10_000 // len(piece))
    assert steps(text * 2) <= 2.1 * steps(text) + 100


def test_the_longest_text_is_read_to_its_end() -> None:
    for piece in PATHOLOGICAL.values():
        text = piece * (200_000 // len(piece)) + "\n\n"
        assert wording.check(text + "x", kind=Kind.EXTERNAL) == wording.check(text, kind=Kind.EXTERNAL)
    assert codes("word " * 40_000 + "should have") == ["counterfactual"]
