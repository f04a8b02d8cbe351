"""Patterns: what they match, what is refused, and what ruins an engine that tries again and again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.alerts.matching import expressions
from incidents.alerts.matching.expressions import PatternError


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("feat-*", ["feat-", "feat-age", "FEAT-Age", "feat-a\nb"], ["feat", "my-feat-age"]),
        ("node?", ["node1", "nodex", "nodeé"], ["node", "node12"]),
        ("a.b", ["a.b"], ["axb"]),
        ("*-prod-*", ["eu-prod-1", "-prod-"], ["prod"]),
        ("[x]", ["[x]"], ["x"]),
    ],
)
def test_globs(pattern: str, fits: list[str], fits_not: list[str]) -> None:
    compiled = expressions.glob(pattern)
    assert [value for value in fits if not compiled.matches(value)] == []
    assert [value for value in fits_not if compiled.matches(value)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(a|ab)*c", r"b-\d{2,4}(-x)?", "[^a-c]+", "(?:a|b)-.*", "(ab){2}", r"\w+\s\D", "^ab$", r"a\$", "a||b",
    ],
)  # fmt: skip
@given(value=st.text(alphabet="abcxABC0129-.$] ", max_size=12))
def test_expressions_are_those_that_everybody_knows(pattern: str, value: str) -> None:
    fits = expressions.expression(pattern).matches(value)
    assert fits is bool(re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1", "invalid escape sequence"),
        ("(?=a)b", "invalid perl operator: (?="),
        ("a**", "bad repetition operator"),
        ("*a", "no argument for repetition"),
        ("(a", "missing )"),
        ("[a", "missing ]"),
        ("[z-a]", "invalid character class range"),
        ("(a{20}){90}", "invalid repetition size"),
        ("(?:(?:[^a-m]{30}){30})|" * 8, "pattern too large"),
        ("a" * 301, "longer than 300"),
    ],
)
def test_what_is_not_taken_says_why(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=re.escape(reason)):
        expressions.expression(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*a){20}b", "(a?){50}a{50}b", ".*.*.*.*.*b"])
def test_a_pattern_that_ruins_backtracking_ends(pattern: str) -> None:
    """With `re` each of these would not end before this machine does."""
    assert not expressions.expression(pattern).matches("a" * expressions.READ)


def test_a_longer_value_is_read_to_its_bound() -> None:
    assert expressions.glob("a*").matches("a" * 5000)
    assert not expressions.glob("*b").matches("a" * expressions.READ + "b")
