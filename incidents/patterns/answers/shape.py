"""The form that every answer has, so that page, CSV and API can show any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "text",
    "count",
    "share",
    "duration",
    "number",
    "p_value",
    "month",
    "moment",
    "layer",
    "mode",
    "service",
    "severity",
    "incident",
]
NUMERIC = frozenset({"count", "share", "duration", "number", "p_value"})  # set flush right
FEW = 5  # below it neither shares nor rates nor tails are told, only counts
ENOUGH = 30  # incidents; below it the overview lists them and infers nothing


@dataclass(frozen=True)
class Column:
    """A column of an answer's table. Shares are 0..1, durations seconds; None in a cell is "not known"."""

    name: str
    label: str
    kind: Kind = "text"
    help: str = ""

    @property
    def is_numeric(self) -> bool:
        """True for what is set flush right."""
        return self.kind in NUMERIC


@dataclass(frozen=True)
class Line:
    """A row: its values by column, and the selection that leads to the incidents behind it (empty: to none)."""

    values: Mapping[str, Any]
    behind: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Base:
    """What an answer stands on: incidents of the window, of these with a finding, resolved without one, still open."""

    incidents: int
    tagged: int
    untagged: int
    open: int

    @property
    def few(self) -> bool:
        """Too few to infer anything from."""
        return self.incidents < ENOUGH


@dataclass(frozen=True)
class Answer:
    """One question, answered: `headline` in words that follow from `lines`, `caption` with what was counted and n.

    `figure` is Plotly JSON whose marks carry in `customdata` the selection behind them; None where there is nothing to
    draw. `notes` say what the numbers cannot tell. `pivot` names the columns that a page may set out as rows, columns
    and cells, with `sums` where they add up; CSV and API keep the long form.
    """

    headline: str
    caption: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    n: int
    figure: Mapping[str, Any] | None = None
    notes: Sequence[str] = ()
    height: Literal["low", "", "tall"] = ""
    pivot: tuple[str, str, str] | None = None
    sums: bool = False

    def column(self, name: str) -> list[Any]:
        """One column of the table, top to bottom."""
        return [line.values[name] for line in self.lines]
