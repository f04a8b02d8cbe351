"""Who noticed? The source of detection month by month, and how often people outside were first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from incidents.patterns.answers.shape import ENOUGH, FEW, Answer, Column, Line
from incidents.patterns.figures import kit, stacks
from incidents.patterns.statistics import intervals
from incidents.patterns.window import Window

FAMILIES = {
    "monitor": "monitors",
    "online_eval": "monitors",
    "internal_user": "inside",
    "audit": "inside",
    "user_report": "outside",
    "vendor": "outside",
    "": "unknown",
}
STACK = (
    stacks.Part("monitors", "Monitors and evals", "var(--good)"),
    stacks.Part("inside", "People inside", "var(--accent)"),
    stacks.Part("outside", "People outside", "var(--warn)"),
    stacks.Part("unknown", "Not recorded", "var(--line-strong)"),
)
NOT_RECORDED = "Not recorded"
COLUMNS = (
    Column("month", "Month", "month", "In which the incidents were noticed (UTC)."),
    Column("source", "Noticed by", "text", "Who or what noticed first."),
    Column("incidents", "Incidents", "count"),
    Column("share", "Share", "share", "Of the month's incidents that say who noticed; told from 5 of them on."),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
)


@dataclass(frozen=True)
class Noticed:
    """So many incidents of a month were first noticed by this source; "" where that is not recorded."""

    month: date
    source: str
    incidents: int


def answer(rows: Iterable[Noticed], window: Window, *, sources: Mapping[str, str]) -> Answer:
    """A line for every month and source (value to words, in this order), those not recorded last."""
    counted = {(row.month, row.source): row.incidents for row in rows}
    named = {**sources, "": NOT_RECORDED}
    lines = [_line(month, source, named, counted) for month in window.months for source in named]
    by_family = {part.key: 0 for part in STACK}
    for (_, source), count in counted.items():
        by_family[FAMILIES[source]] += count
    known = sum(counted.values()) - by_family["unknown"]
    cut = [f"{month:%B %Y}" for month in window.partial]
    notes = [f"{by_family['unknown']} do not say who noticed: they are in no share."] if by_family["unknown"] else []
    return Answer(
        headline=headline(by_family["outside"], by_family["monitors"], known),
        caption=(
            "Who or what noticed first, by month. Outside are users and vendors, inside colleagues and audits; "
            "online evals count as monitors."
        ),
        columns=COLUMNS,
        lines=lines,
        n=known,
        figure=stacks.months(_bars(window.months, counted), STACK) if counted else None,
        notes=[*notes, *([f"Not complete: {', '.join(cut)}."] if cut else [])],
        pivot=("month", "source", "incidents"),
    )


def headline(outside: int, monitors: int, known: int) -> str:
    """How often people outside were first, with its interval where there are enough incidents."""
    if known < FEW:
        return f"Too few incidents say who noticed to tell anything: {known or 'none'}."
    if known < ENOUGH:
        return (
            f"So far people outside noticed {outside} of {known} incidents before any monitor did, monitors {monitors}."
        )
    bounds = intervals.share(outside, known)
    return (
        f"People outside noticed {kit.percent(outside / known)} of incidents before any monitor did "
        f"({kit.between(bounds.low, bounds.high)}); monitors were first in {kit.percent(monitors / known)}."
    )


def _line(month: date, source: str, named: Mapping[str, str], counted: Mapping[tuple[date, str], int]) -> Line:
    count = counted.get((month, source), 0)
    known = sum(counted.get((month, one), 0) for one in named if one)
    told = bool(source) and known >= FEW
    bounds = intervals.share(count, known) if told and known >= ENOUGH else intervals.Interval(None, None)
    values = {
        "month": month,
        "source": named[source],
        "incidents": count,
        "share": count / known if told else None,
        "low": bounds.low,
        "high": bounds.high,
    }
    behind = {"detected_by": source} if source else {"only": "noticed_unknown"}
    return Line(values, {"month": f"{month:%Y-%m}", **behind} if count else {})


def _bars(months: Sequence[date], counted: Mapping[tuple[date, str], int]) -> list[stacks.Bar]:
    bars = []
    for month in months:
        for part in STACK:
            count = sum(counted.get((month, source), 0) for source, of in FAMILIES.items() if of == part.key)
            behind = {"month": f"{month:%Y-%m}", "only": f"noticed_{part.key}"} if count else {}
            bars.append(stacks.Bar(month, part.key, count, behind))
    return bars
