"""What the charts count; pure data that queries fill and statistics, figures and exports read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Cell:
    """Current findings of one state in one layer, of the incidents detected in one month (UTC)."""

    month: date
    layer: str
    state: str
    findings: int


@dataclass(frozen=True)
class Row:
    """One layer in one month: a row of the table, the CSV and the API, and a mark of the chart."""

    month: date
    layer: str
    reviewed: int
    provisional: int

    @property
    def findings(self) -> int:
        """Reviewed and provisional ones together."""
        return self.reviewed + self.provisional


@dataclass(frozen=True)
class Line:
    """One month (or, with None, all of them) over all layers: a line of the table as people read it."""

    month: date | None
    cells: Sequence[Row]
    reviewed: int
    provisional: int

    @property
    def findings(self) -> int:
        """Reviewed and provisional ones together."""
        return self.reviewed + self.provisional


@dataclass(frozen=True)
class Counts:
    """The incidents behind a chart: `tagged` have a current finding, `untagged` are resolved without one."""

    incidents: int
    tagged: int
    untagged: int
    open: int
