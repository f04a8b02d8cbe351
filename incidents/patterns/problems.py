"""What of an address cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from incidents.patterns.window import Problem
from web.errors import Invalid


class UnusableFilter(Invalid):
    """A part of the address cannot be used."""

    code = "unusable_filter"


def require_usable(problems: Sequence[Problem]) -> None:
    """Refuse what a file or a program could not be told in passing: raise UnusableFilter for the first problem."""
    if problems:
        raise UnusableFilter(" ".join(problem.message for problem in problems), field=problems[0].field)
