"""In which way does it fail? A Pareto chart of failure modes: findings of each, and what the first ones add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit, pareto
from incidents.patterns.statistics import counting

DRAWN = 12
WITHOUT = "without a mode"
NO_MODE = "-"  # no code can be this: "findings that name no mode"
COLUMNS = (
    Column("mode", "Failure mode", "mode"),
    Column("layer", "Layer", "layer"),
    Column("incidents", "Incidents", "count", "With at least one such finding."),
    Column("findings", "Findings", "count"),
    Column("reviewed", "of these reviewed", "count", "Confirmed by a postmortem; the others are provisional."),
    Column("share", "Share", "share", "Of the findings that have a mode."),
    Column("together", "So far", "share", "Share of this mode and all above it."),
)


@dataclass(frozen=True)
class Row:
    """A mode with its incidents and findings; those of modes that were merged count as what they were merged into.

    The code is empty for findings without a mode.
    """

    code: str
    name: str
    layer: str
    incidents: int
    findings: int
    reviewed: int


def answer(rows: Sequence[Row], base: Base) -> Answer:
    """A line for each mode, most findings first, the findings without one last and outside the shares."""
    ranked = sorted((row for row in rows if row.code), key=lambda row: (-row.findings, row.name.lower(), row.code))
    without = next((row for row in rows if not row.code), None)
    named = sum(row.findings for row in ranked)
    lines = [
        _line(row, named, reached)
        for row, reached in zip(ranked, accumulate(row.findings for row in ranked), strict=True)
    ]
    told = named >= FEW
    return Answer(
        headline=headline(ranked, base),
        caption=(
            "Findings by failure mode, most first; the line adds them up. A mode that was merged into another counts "
            "as that one. A finding without a mode is in no share."
        ),
        columns=COLUMNS,
        lines=[*lines, *([_line(without, 0, 0)] if without else [])],
        n=named,
        figure=_figure(lines[:DRAWN], named) if told else None,
        notes=_notes(ranked, without, told=told),
        height="tall",
    )


def headline(ranked: Sequence[Row], base: Base) -> str:
    """How few modes half of the findings are, and which one leads where the lead is more than chance would give."""
    named = sum(row.findings for row in ranked)
    if named < FEW:
        return f"Too few findings with a mode to say anything: {named or 'none'}."
    first = ranked[0]
    if len(ranked) == 1:
        return f"All {named} findings with a mode are “{first.name}”."
    if base.few:
        return f"So far {named} findings in {len(ranked)} modes: too few to call any of them a pattern."
    half = _reaching(ranked, named)
    spread = f"Half of {named} findings are in {half} of {len(ranked)} modes"
    if half == 1:
        spread = f"“{first.name}” alone is {kit.percent(first.findings / named)} of {named} findings"
    if first.findings == ranked[1].findings:
        ties = sum(row.findings == first.findings for row in ranked)
        return f"{spread}; {ties} of them lead with {first.findings} each."
    second = ranked[1]
    if not counting.leads(first.findings, second.findings, findings=named, incidents=min(named, base.tagged)):
        two = f"“{first.name}” ({first.findings}) and “{second.name}” ({second.findings})"
        return f"{spread}; {two} are too close to tell which leads."
    return f"{spread}." if half == 1 else f"{spread}; “{first.name}” leads with {first.findings}."


def _reaching(ranked: Sequence[Row], named: int) -> int:
    """How many of the first modes are half of the findings, or more."""
    return next(
        place for place, reached in enumerate(accumulate(row.findings for row in ranked), 1) if reached * 2 >= named
    )


def _line(row: Row, named: int, reached: int) -> Line:
    told = named >= FEW
    values = {
        "mode": row.name or WITHOUT,
        "layer": row.layer,
        "incidents": row.incidents,
        "findings": row.findings,
        "reviewed": row.reviewed,
        "share": row.findings / named if told else None,
        "together": reached / named if told else None,
    }
    return Line(values, {"mode": row.code or NO_MODE})


def _figure(lines: Sequence[Line], named: int) -> kit.Figure:
    return pareto.bars([_bar(line, named) for line in lines])


def _bar(line: Line, named: int) -> pareto.Bar:
    mode, layer, findings = (line.values[name] for name in ("mode", "layer", "findings"))
    hover = (
        f"{kit.plain(mode)}, {layer}<br>{findings} findings in {line.values['incidents']} incidents, "
        f"{kit.percent(line.values['share'])} of {named}<br>with all above {kit.percent(line.values['together'])}"
    )
    return pareto.Bar(mode, findings, line.values["together"], layer, hover, line.behind)


def _notes(ranked: Sequence[Row], without: Row | None, *, told: bool) -> list[str]:
    notes = []
    if told and len(ranked) > DRAWN:
        notes.append(f"The figure shows the first {DRAWN} of {len(ranked)} modes; the table has all.")
    if without:
        notes.append(f"{without.findings} findings in {without.incidents} incidents have no mode yet.")
    return notes
