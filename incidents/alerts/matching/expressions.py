"""Patterns over whole values, by RE2: in time linear in the value whatever the pattern. Letters match in either case.

Globs know `*` and `?`. Expressions are RE2's, without back-references and look-around: both need backtracking.
"""

from __future__ import annotations

import re2

LONGEST = 300  # characters of a pattern
READ = 300  # characters of a value that are looked at
MEMORY = 1024 * 1024  # bytes of one compiled pattern

_OPTIONS = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.dot_nl = True
_OPTIONS.log_errors = False
_OPTIONS.max_mem = MEMORY


class PatternError(ValueError):
    """The pattern is not one that we take; says why."""


class Pattern:
    """A compiled pattern; `matches` looks at the whole value."""

    def __init__(self, expression: str) -> None:
        if len(expression) > LONGEST:
            raise PatternError(f"the pattern is longer than {LONGEST} characters")
        try:
            self._compiled = re2.compile(expression, _OPTIONS)
        except re2.error as error:
            raise PatternError(f"the expression cannot be used: {_said(error)}") from error

    def matches(self, value: str) -> bool:
        """True when the pattern fits the value from its first to its last character (of the first READ)."""
        return self._compiled.fullmatch(value[:READ]) is not None


def glob(pattern: str) -> Pattern:
    """`*` stands for anything, `?` for one character; PatternError for one that is too long."""
    wild = {"*": ".*", "?": "."}
    return Pattern("".join(wild.get(char) or re2.escape(char) for char in pattern))


def expression(pattern: str) -> Pattern:
    """A regular expression for the whole value; PatternError says what is wrong with it."""
    return Pattern(pattern)


def _said(error: re2.error) -> str:
    """RE2's own words."""
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
