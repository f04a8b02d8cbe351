"""Patterns: what they match, what is refused, and that no pattern takes more steps than its size times the value's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.alerts.matching import automaton
from incidents.alerts.matching.automaton import PatternError


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("feat-*", ["feat-", "feat-age", "FEAT-Age"], ["feat", "my-feat-age"]),
        ("node?", ["node1", "nodex"], ["node", "node12"]),
        ("a.b", ["a.b"], ["axb"]),
        ("*-prod-*", ["eu-prod-1", "-prod-"], ["prod"]),
        ("[x]", ["[x]"], ["x"]),
    ],
)
def test_globs(pattern: str, fits: list[str], fits_not: list[str]) -> None:
    compiled = automaton.glob(pattern)
    assert [value for value in fits if not compiled.matches(value)] == []
    assert [value for value in fits_not if compiled.matches(value)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(a|ab)*c", r"b-\d{2,4}(-x)?", "[^a-c]+",
        "(?:a|b)-.*", "a{0}b", "(ab){2}", "[]x]+", "[a-]+", "a{2,}", r"\w+\s\D",
        "^ab$", r"a\$", r"a\.b", "()", "a||b", "x*", "(a+)+b", "((a|b)*c){1,3}", r"[\d.]+", "A[B-C]",
    ],
)  # fmt: skip
@given(value=st.text(alphabet="abcxABC0129-.$] ", max_size=12))
def test_expressions_are_those_that_everybody_knows(pattern: str, value: str) -> None:
    assert automaton.expression(pattern).matches(value) is bool(re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1", "not taken"),
        ("(?=a)b", "look around"),
        ("(?P<n>a)", "look around or name"),
        ("a^b", "whole value"),
        ("a**", "repeat of a repeat"),
        ("*a", "repeats nothing"),
        ("(a", "not closed"),
        ("a)", "closes no group"),
        ("[a", "ends too early"),
        ("a\\", "ends too early"),
        ("a{3,2}", "smaller to a larger"),
        ("a{x}", "begins a count"),
        ("[z-a]", "lower to a higher"),
        (r"\bword", "not taken"),
        ("(a{20}){90}", "too large"),
        ("a" * 301, "longer than"),
    ],
)
def test_what_is_not_taken_says_why(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=re.escape(reason)):
        automaton.expression(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*a){20}b", "(a?){50}a{50}b", ".*.*.*.*.*b"])
def test_a_pattern_that_ruins_backtracking_asks_each_state_once_a_character(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    compiled = automaton.expression(pattern)
    after = automaton.Pattern._after

    def counted(self: automaton.Pattern, state: int, char: str) -> list[int]:
        nonlocal asked
        asked += 1
        return after(self, state, char)

    monkeypatch.setattr(automaton.Pattern, "_after", counted)
    assert not compiled.matches("a" * automaton.READ)
    assert 0 < asked <= automaton.STATES * automaton.READ


def test_a_longer_value_is_read_to_its_bound() -> None:
    assert automaton.glob("a*").matches("a" * 5000)
    assert not automaton.glob("*b").matches("a" * automaton.READ + "b")


def test_what_is_remembered_is_bounded() -> None:
    compiled = automaton.glob("*x")
    for number in range(5000):
        compiled.matches(chr(0x4E00 + number))
    assert len(compiled._steps) <= 2000
    assert compiled.matches("yx")
