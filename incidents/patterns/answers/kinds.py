"""What sort of part fails? Incidents by the kind of component, or seam between two, that their findings name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit
from incidents.patterns.statistics import counting, intervals

SEAM = "seam"
COLUMNS = (
    Column("kind", "Kind of part"),
    Column("incidents", "Incidents", "count", "With a finding at a part of this kind."),
    Column("reviewed", "of these reviewed", "count", "With a reviewed finding there."),
    Column("share", "Share", "share", "Of the incidents whose findings name a part."),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
)


@dataclass(frozen=True)
class Row:
    """In how many incidents a finding names a part of this kind, and in how many of these a reviewed one."""

    kind: str
    incidents: int
    reviewed: int


def answer(rows: Sequence[Row], placed: int, base: Base, *, names: Mapping[str, str]) -> Answer:
    """The kinds, most incidents first, of the `placed` incidents that name any; below FEW only counts are told."""
    ranked = sorted(rows, key=lambda row: (-row.incidents, names[row.kind]))
    lines = [_line(row, placed, names) for row in ranked]
    silent = base.tagged - placed
    return Answer(
        headline=headline(ranked, placed, base, names),
        caption=(
            f"Incidents with a finding at such a part, of {placed} whose findings name any, 95 % intervals; most "
            "incidents first. One incident may count in several kinds. A seam is what one component asks of another."
        ),
        columns=COLUMNS,
        lines=lines,
        n=placed,
        figure=_figure(lines) if placed >= FEW else None,
        notes=[f"{silent} of {base.tagged} incidents with a finding name no part."] if silent else [],
        height="tall" if len(lines) > 9 else "",
    )


def headline(ranked: Sequence[Row], placed: int, base: Base, names: Mapping[str, str]) -> str:
    """It names a leader only where the lead is more than chance would give."""
    if placed < FEW:
        return f"Too few incidents name the part that failed: {placed or 'none'} of {base.tagged}."
    called = [_called(row, names) for row in ranked]
    first = ranked[0]
    if base.few:
        return f"So far {called[0]} in {first.incidents} of {placed} incidents: too few to call it a pattern."
    share = f"{_capital(called[0])}: in {kit.percent(first.incidents / placed)} of the incidents that name a part"
    if len(ranked) == 1:
        return f"{share}, and no other sort of part in any."
    second = ranked[1]
    ties = [name for row, name in zip(ranked, called, strict=True) if row.incidents == first.incidents]
    if len(ties) > 1:
        each = f"each in {kit.percent(first.incidents / placed)} of the incidents that name a part"
        return f"{_capital(words.listed(ties))} tie, {each}." if len(ties) < 4 else f"{len(ties)} sorts tie, {each}."
    other = f"{called[1]} in {kit.percent(second.incidents / placed)}"
    if counting.even_odds(first.incidents, second.incidents) >= counting.LEVEL:
        return f"{share}, {other}: too close to tell which leads."
    return f"{share}, {other}."


def _called(row: Row, names: Mapping[str, str]) -> str:
    """In a sentence: only what is written in capitals keeps them."""
    name = names[row.kind]
    return name if name.isupper() else name[0].lower() + name[1:]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _line(row: Row, placed: int, names: Mapping[str, str]) -> Line:
    told = placed >= FEW
    bounds = intervals.share(row.incidents, placed) if told else intervals.Interval(None, None)
    values = {
        "kind": names[row.kind],
        "incidents": row.incidents,
        "reviewed": row.reviewed,
        "share": row.incidents / placed if told else None,
        "low": bounds.low,
        "high": bounds.high,
    }
    return Line(values, {"kind": row.kind})


def _figure(lines: Sequence[Line]) -> kit.Figure:
    values = [line.values for line in lines]
    return kit.shares(
        [value["kind"] for value in values],
        [value["share"] for value in values],
        [(value["low"], value["high"]) for value in values],
        colours=["var(--accent)" for _ in lines],
        hovers=[
            f"{value['kind']}: {value['incidents']} incidents, {kit.percent(value['share'])}"
            f" ({kit.between(value['low'], value['high'])})"
            for value in values
        ],
        behind=[line.behind for line in lines],
    )
