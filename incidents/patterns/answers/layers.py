"""Which layers fail? The share of incidents with a finding in each layer; shares add up to more than one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import ENOUGH, FEW, Answer, Base, Column, Line
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
    sure = ", 95 % intervals" if base.tagged >= ENOUGH else ""
    caption = f"Incidents with a finding in the layer, of {base.tagged} with any finding{sure}. "
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
    if base.tagged < ENOUGH:
        return f"{_counted(ranked, base)}: too few to call it a pattern."
    first = ranked[0]
    leaders = [row for row in ranked if row.incidents == first.incidents]
    if len(ranked) == 1:
        return f"{first.layer.capitalize()} is in {_share(first, base)} of incidents, and no other layer in any."
    if len(leaders) > 1:
        return f"{_named(leaders).capitalize()} tie, each in {_share(first, base)} of incidents."
    second = ranked[1]
    seconds = [row for row in ranked if row.incidents == second.incidents]
    each = " each" if len(seconds) > 1 else ""
    told = f"{first.layer.capitalize()} is in {_share(first, base)} of incidents, "
    told += f"{_named(seconds)} in {_share(second, base)}{each}"
    # Few incidents have both as their only difference: the split of the two counts tells (rank verification).
    if counting.even_odds(first.incidents, second.incidents) >= counting.LEVEL:
        return f"{told}: too close to tell which leads."
    return f"{told}."


def _counted(ranked: Sequence[Row], base: Base) -> str:
    """The first place in counts, for where nothing may be inferred."""
    leaders = [row for row in ranked if row.incidents == ranked[0].incidents]
    each = "each " if len(leaders) > 1 else ""
    is_ = "are" if len(leaders) > 1 else "is"
    return f"So far {_named(leaders)} {is_} {each}in {ranked[0].incidents} of {base.tagged} incidents with a finding"


def _named(rows: Sequence[Row]) -> str:
    return words.listed([row.layer for row in rows])


def _share(row: Row, base: Base) -> str:
    return kit.percent(row.incidents / base.tagged)


def _line(row: Row, base: Base) -> Line:
    known = base.tagged >= FEW
    bounds = intervals.share(row.incidents, base.tagged) if base.tagged >= ENOUGH else intervals.Interval(None, None)
    return Line(
        {
            "layer": row.layer,
            "incidents": row.incidents,
            "reviewed": row.reviewed,
            "share": row.incidents / base.tagged if known else None,
            "low": bounds.low,
            "high": bounds.high,
        },
        {"layer": row.layer},
    )


def _figure(lines: Sequence[Line]) -> kit.Figure:
    values = [line.values for line in lines]
    return kit.shares(
        [value["layer"] for value in values],
        [value["share"] for value in values],
        [
            (value["share"], value["share"]) if value["low"] is None else (value["low"], value["high"])
            for value in values
        ],
        colours=[f"var(--{value['layer']})" for value in values],
        hovers=[
            f"{value['layer']}: {value['incidents']} incidents, {kit.percent(value['share'])}"
            + ("" if value["low"] is None else f" ({kit.between(value['low'], value['high'])})")
            for value in values
        ],
        behind=[line.behind for line in lines],
    )
