"""A chart with all that stands around it, put together once for the page, the CSV and the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.patterns import queries
from incidents.patterns.rows import Counts, Line, Row
from incidents.patterns.statistics import counting
from incidents.patterns.window import Problem, Window
from incidents.response.vocabulary import Layer
from ownership.models import Person
from web.errors import Invalid


class UnusableFilter(Invalid):
    """A part of the address cannot be used."""

    code = "unusable_filter"


@dataclass(frozen=True)
class FindingsByLayer:
    """Findings per layer and month; `headline` says in words what `rows` show."""

    window: Window
    rows: Sequence[Row]
    counts: Counts
    headline: str
    overall: Line

    @property
    def lines(self) -> list[Line]:
        """The rows a month each, as the page's table shows them."""
        return counting.by_month(self.rows)

    @property
    def absent(self) -> list[str]:
        """The layers without any finding."""
        return [cell.layer for cell in self.overall.cells if not cell.findings]


def findings_by_layer(window: Window, viewer: Person) -> FindingsByLayer:
    """The chart as this viewer may see it; two queries, however many findings there are."""
    rows = counting.fill(queries.cells(window, viewer), months=window.months, layers=Layer.values)
    counts = queries.counts(window, viewer)
    headline = counting.headline(rows, tagged=counts.tagged, period=window.period)
    return FindingsByLayer(window, rows, counts, headline, counting.overall(rows))


def require_usable(problems: Sequence[Problem]) -> None:
    """Refuse what a file or a program could not be told in passing: raise UnusableFilter for the first problem."""
    if problems:
        raise UnusableFilter(" ".join(problem.message for problem in problems), field=problems[0].field)
