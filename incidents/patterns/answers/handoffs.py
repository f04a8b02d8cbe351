"""Does the ball go to and fro? How often incidents are handed on, and how often straight back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit
from incidents.patterns.statistics import intervals

MOST = 5  # and more
BACK = "there and straight back"
COLUMNS = (
    Column("passed", "Handed on", "text", "From one person to another; taking it first is no hand-off."),
    Column("incidents", "Incidents", "count"),
    Column("share", "Share", "share", "Of all incidents."),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
)


@dataclass(frozen=True)
class Passed:
    """Incidents whose ball was passed on so often (MOST: or more), `back` when it once went straight back."""

    times: int
    back: bool
    incidents: int


def answer(rows: Iterable[Passed], base: Base) -> Answer:
    """A line for each number of hand-offs up to the largest, and one for those that went straight back."""
    counts = dict.fromkeys(range(MOST + 1), 0)
    back = 0
    for row in rows:
        counts[row.times] += row.incidents
        back += row.incidents if row.back else 0
    total = sum(counts.values())
    largest = max((times for times, count in counts.items() if count), default=0)
    lines = [_line(_times(times), counts[times], total, base, {"handed": str(times)}) for times in range(largest + 1)]
    lines.append(_line(BACK, back, total, base, {"returned": "yes"}))
    drawn = [line for line in lines if line.values["share"] is not None]
    return Answer(
        headline=headline(counts, back),
        caption="How often somebody handed the incident to somebody else; who has the ball is not who is accountable.",
        columns=COLUMNS,
        lines=lines if total else [],
        n=total,
        figure=_figure(drawn) if drawn else None,
        notes=["The last row counts incidents of the rows above: from A to B and back to A at once."] if back else [],
        height="low",
    )


def headline(counts: Mapping[int, int], back: int) -> str:
    """How many were handed on, and how many straight back."""
    total, never = sum(counts.values()), counts[0]
    if not total:
        return "No incidents in this time."
    if never == total:
        return "No incident was handed on." if total > 1 else "The only incident was not handed on."
    said = f"{total - never} of {total} incidents were handed on" if total > 1 else "The only incident was handed on"
    return f"{said}, {back} of them straight back." if back else f"{said}, none of them straight back."


def _times(times: int) -> str:
    if times == 0:
        return "never"
    return f"{times} times or more" if times == MOST else words.times(times)


def _line(name: str, count: int, total: int, base: Base, behind: Mapping[str, str]) -> Line:
    told = total >= FEW and not base.few
    bounds = intervals.share(count, total) if told else intervals.Interval(None, None)
    values = {
        "passed": name,
        "incidents": count,
        "share": count / total if told else None,
        "low": bounds.low,
        "high": bounds.high,
    }
    return Line(values, behind if count else {})


def _figure(lines: Sequence[Line]) -> kit.Figure:
    values = [line.values for line in lines]
    return kit.shares(
        [value["passed"] for value in values],
        [value["share"] for value in values],
        [(value["low"], value["high"]) for value in values],
        colours=["var(--warn)" if value["passed"] == BACK else "var(--accent)" for value in values],
        hovers=[
            f"{value['passed']}: {value['incidents']} incidents, {kit.percent(value['share'])}"
            f" ({kit.between(value['low'], value['high'])})"
            for value in values
        ],
        behind=[line.behind for line in lines],
        label_width=150,
    )
