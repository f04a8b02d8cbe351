"""Which layers fail? The share of incidents with a finding in each layer; shares add up to more than one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit
from incidents.patterns.statistics import counting, intervals

COLUMNS = (
    Column("layer", "Layer", "layer"),
    Column("incidents", "Incidents", "count", "With at least one finding in the layer."),
    Column("reviewed", "of these reviewed", "count", "With a reviewed finding in it."),
    Column("share", "Share", "share", "Of the incidents with any finding."),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
)


@dataclass(frozen=True)
class Row:
    """In how many incidents a layer has a finding, and in how many of these a reviewed one."""

    layer: str
    reviewed: int
    incidents: int


def answer(rows: Sequence[Row], base: Base) -> Answer:
    """The layers, most incidents first; below FEW tagged incidents only counts are told."""
    ranked = sorted((row for row in rows if row.incidents), key=lambda row: -row.incidents)
    lines = [_line(row, base) for row in ranked]
    told = base.tagged >= FEW
    absent = [row.layer for row in rows if not row.incidents]
    caption = f"Incidents with a finding in the layer, of {base.tagged} with any finding, 95 % intervals. "
    return Answer(
        headline=headline(ranked, base),
        caption=f"{caption}One incident may count in several layers, so shares add up to more than 100 %.",
        columns=COLUMNS,
        lines=lines,
        n=base.tagged,
        figure=_figure(lines) if told else None,
        notes=[f"None in {', '.join(absent)}."] if absent and lines else [],
    )


def headline(ranked: Sequence[Row], base: Base) -> str:
    """The sentence; it names a leader only where the lead is more than chance would give."""
    if base.tagged < FEW:
        return f"Too few incidents with a finding to say anything: {base.tagged or 'none'}."
    first = ranked[0]
    share = f"{first.layer.capitalize()} is in {kit.percent(first.incidents / base.tagged)} of incidents"
    if len(ranked) == 1:
        return f"{share}, and no other layer in any."
    second = ranked[1]
    if first.incidents == second.incidents:
        ties = [row.layer for row in ranked if row.incidents == first.incidents]
        return (
            f"{words.listed(ties).capitalize()} tie, each in {kit.percent(first.incidents / base.tagged)} of incidents."
        )
    # Few incidents have both as their only difference: the split of the two counts tells (rank verification).
    if counting.even_odds(first.incidents, second.incidents) >= counting.LEVEL:
        return (
            f"{share}, {second.layer} in {kit.percent(second.incidents / base.tagged)}: too close to tell which leads."
        )
    return f"{share}, {second.layer} in {kit.percent(second.incidents / base.tagged)}."


def _line(row: Row, base: Base) -> Line:
    bounds = intervals.share(row.incidents, base.tagged)
    known = base.tagged >= FEW
    return Line(
        {
            "layer": row.layer,
            "incidents": row.incidents,
            "reviewed": row.reviewed,
            "share": row.incidents / base.tagged if known else None,
            "low": bounds.low if known else None,
            "high": bounds.high if known else None,
        },
        {"layer": row.layer},
    )


def _figure(lines: Sequence[Line]) -> kit.Figure:
    values = [line.values for line in lines]
    return kit.shares(
        [value["layer"] for value in values],
        [value["share"] for value in values],
        [(value["low"], value["high"]) for value in values],
        colours=[f"var(--{value['layer']})" for value in values],
        hovers=[
            f"{value['layer']}: {value['incidents']} incidents, {kit.percent(value['share'])}"
            f" ({kit.percent(value['low'])} to {kit.percent(value['high'])})"
            for value in values
        ],
        behind=[line.behind for line in lines],
    )
