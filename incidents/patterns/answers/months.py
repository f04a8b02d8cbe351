"""Which layers fail, month by month? Findings of each layer on one scale, reviewed and provisional."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from incidents.patterns.answers.shape import Answer, Base, Column, Line
from incidents.patterns.figures import strips
from incidents.patterns.rows import Cell, Row
from incidents.patterns.statistics import counting
from incidents.patterns.window import Window

COLUMNS = (
    Column("month", "Month", "month", "In which the incidents were noticed (UTC)."),
    Column("layer", "Layer", "layer"),
    Column("findings", "Findings", "count"),
    Column("reviewed", "of these reviewed", "count", "Confirmed by a postmortem; the others are provisional."),
)


def answer(found: Iterable[Cell], base: Base, window: Window, *, layers: Sequence[str]) -> Answer:
    """A line for every month and layer, also where nothing was found."""
    rows = counting.fill(found, months=window.months, layers=layers)
    overall = counting.overall(rows)
    cut = [f"{month:%B %Y}" for month in window.partial]
    absent = [cell.layer for cell in overall.cells if not cell.findings]
    notes = [f"Not complete: {', '.join(cut)}."] if cut else []
    return Answer(
        headline=counting.headline(rows, tagged=base.tagged, period=window.period),
        caption=(
            f"Findings by the month in which their incident was noticed: {overall.reviewed} reviewed, "
            f"{overall.provisional} provisional (hatched), in {base.tagged} of {base.incidents} incidents."
        ),
        columns=COLUMNS,
        lines=[_line(row) for row in rows],
        n=overall.findings,
        figure=strips.findings_by_layer(rows, behind=_behind) if overall.findings else None,
        notes=[f"None in {', '.join(absent)}.", *notes] if absent and overall.findings else notes,
        height="tall",
        pivot=("month", "layer", "findings"),
        sums=True,
    )


def _line(row: Row) -> Line:
    values = {"month": row.month, "layer": row.layer, "findings": row.findings, "reviewed": row.reviewed}
    return Line(values, _behind(row, "") if row.findings else {})


def _behind(row: Row, state: str) -> dict[str, str]:
    selected = {"layer": row.layer, "month": f"{row.month:%Y-%m}", "state": state}
    return {name: value for name, value in selected.items() if value}
