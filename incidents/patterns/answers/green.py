"""How long were monitors green while it was wrong? From the start of the impact until noticed, never a mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incidents.patterns.answers.shape import FEW, Answer, Column, Line
from incidents.patterns.figures import kit, steps
from incidents.patterns.statistics import intervals, survival

WORDS = {"yes": "Green, and wrong", "no": "They showed it", "unknown": "Not recorded"}
COLUMNS = (
    Column("monitors", "Monitors", "text", "What they showed while users were hurt."),
    Column("incidents", "Incidents", "count"),
    Column("timed", "with a known time", "count", "Start of the impact known to the hour, and before it was noticed."),
    Column("hours", "Together", "duration", "All known times added up."),
    Column("p50", "p50", "duration", "Half of them went unnoticed for at most this long."),
    Column("p50_low", "at least", "duration", "95 % interval, whatever the distribution."),
    Column("p50_high", "at most", "duration"),
    Column("p90", "p90", "duration", "Nine of ten went unnoticed for at most this long."),
)


@dataclass(frozen=True)
class Shown:
    """So many incidents with monitors green (yes, no, unknown) went unnoticed so many minutes; None: unknown."""

    green: str
    minutes: int | None
    incidents: int


def answer(rows: Iterable[Shown]) -> Answer:
    """A line for green, not green, and not recorded; times are told of the green ones only."""
    found = list(rows)
    incidents = {green: sum(row.incidents for row in found if row.green == green) for green in WORDS}
    minutes = [
        float(row.minutes)
        for row in found
        if row.green == "yes" and row.minutes is not None
        for _ in range(row.incidents)
    ]
    curve = survival.curve(minutes, [True] * len(minutes))
    unknown = incidents["yes"] - len(minutes)
    notes = [f"Of {unknown} with green monitors nobody knows for how long: they are in no time."] if unknown else []
    if incidents["unknown"]:
        notes.append(f"{incidents['unknown']} do not say what the monitors showed.")
    return Answer(
        headline=headline(incidents, minutes, curve),
        caption="From the start of the impact, where it is known to the hour or better, until somebody noticed.",
        columns=COLUMNS,
        lines=[_line(green, incidents[green], minutes if green == "yes" else None) for green in WORDS],
        n=len(minutes),
        figure=steps.survival([("Green while wrong", curve)]) if len(minutes) >= FEW else None,
        notes=notes,
    )


def headline(incidents: dict[str, int], minutes: Sequence[float], curve: survival.Curve) -> str:
    """How often monitors were green, and for how long half of these went unnoticed."""
    known = incidents["yes"] + incidents["no"]
    if not known:
        return "Nobody recorded whether monitors were green while users were hurt."
    of = "1 incident" if known == 1 else f"{known} incidents"
    told = f"Monitors were green while users were hurt in {incidents['yes']} of {of}"
    if not incidents["yes"]:
        return f"Monitors showed all {known} incidents." if known > 1 else "Monitors showed the one incident."
    if curve.median is None or len(minutes) < FEW:
        return f"{told}; too few of their times are known to say for how long."
    half = kit.lasting(curve.median * 60)
    return f"{told}, at least {kit.lasting(sum(minutes) * 60)} in all; half of these went unnoticed for {half} or more."


def _line(green: str, incidents: int, minutes: Sequence[float] | None) -> Line:
    enough = minutes is not None and len(minutes) >= FEW
    bounds = intervals.of_quantile(minutes, 0.5) if enough and minutes else intervals.Interval(None, None)
    curve = survival.curve(minutes or [], [True] * len(minutes or []))
    values = {
        "monitors": WORDS[green],
        "incidents": incidents,
        "timed": None if minutes is None else len(minutes),
        "hours": sum(minutes) * 60 if minutes else None,
        "p50": _seconds(curve.median) if enough else None,
        "p50_low": _seconds(bounds.low),
        "p50_high": _seconds(bounds.high),
        "p90": _seconds(curve.quantile(0.9)) if enough else None,
    }
    return Line(values, {"green": green} if incidents else {})


def _seconds(minutes: float | None) -> float | None:
    return None if minutes is None else minutes * 60
