"""What comes back, and how soon? The time until the same mode fails in the same service again (Kaplan-Meier)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit, returning
from incidents.patterns.statistics import intervals, survival

HORIZONS = (1, 7, 30, 90, 180, 365)  # days
MONTH = 30
COLUMNS = (
    Column("within", "Within"),
    Column("returned", "Came back", "count", "So many did within this time."),
    Column("watched", "Watched on", "count", "So many had not come back by then and were watched for longer."),
    Column("share", "Share", "share", "Kaplan-Meier: what was watched for less counts as far as it was."),
    Column("low", "at least", "share", "95 % interval (Greenwood, log-log)."),
    Column("high", "at most", "share", "95 % interval (Greenwood, log-log)."),
)


@dataclass(frozen=True)
class Gap:
    """So many failures came back after so many hours, or have not for so long so far."""

    hours: float
    ended: bool
    count: int = 1


def curve(gaps: Iterable[Gap]) -> survival.Curve:
    """Of the hours until it came back; what did not is censored."""
    given = list(gaps)
    often = [gap.count for gap in given]
    hours = np.repeat(np.array([gap.hours for gap in given], dtype=float), often)
    return survival.curve(hours.tolist(), np.repeat(np.array([gap.ended for gap in given], dtype=bool), often).tolist())


def answer(gaps: Sequence[Gap], untold: int, base: Base) -> Answer:
    """A line for each time within which it may have come back, as far as anything was watched for so long."""
    found = curve(gaps)
    told = found.count >= FEW
    return Answer(
        headline=headline(found, base),
        caption=(
            "From one incident of a service and a failure mode to the next of the same two. What has not come back "
            "counts as longer than so far (Kaplan-Meier), until the service was retired."
        ),
        columns=COLUMNS,
        lines=lines(gaps, found, told=told),
        n=found.count,
        figure=returning.curve(found) if told and found.ended else None,
        notes=_notes(untold, found),
    )


def headline(found: survival.Curve, base: Base) -> str:
    """How soon half come back and how many within a month; what the data cannot tell is said."""
    if found.count < FEW:
        return f"Too few findings with a mode and a service to say what comes back: {found.count or 'none'}."
    if not found.ended:
        return f"Nothing came back so far: {found.count} failures, no mode twice in a service."
    if base.few:
        return f"So far {found.ended} of {found.count} came back: too few to say how soon."
    month = within(found, MONTH * 24)
    said = "" if month is None else f"{kit.percent(month[0])} within {MONTH} days ({kit.between(*month[1:])})"
    if found.median is None:
        return f"Fewer than half come back: {said}." if said else "Fewer than half came back so far."
    half = f"Half come back within {_days(found.median)}"
    return f"{half}; {said}." if said else f"{half}."


def within(found: survival.Curve, hours: float) -> tuple[float, float, float] | None:
    """The share that came back within a time, with its interval; None where nothing was watched for so long."""
    if found.longest < hours:
        return None
    step = found.step_at(hours)
    return (1 - step.survival, 1 - step.high, 1 - step.low) if step else (0.0, *_none_of(found, hours))


def _none_of(found: survival.Curve, hours: float) -> tuple[float, float]:
    """Before anything came back Greenwood's variance is zero: the bounds are those of none among all."""
    bounds = intervals.share(0, found.count)
    return bounds.low or 0.0, bounds.high or 1.0


def lines(gaps: Sequence[Gap], found: survival.Curve, *, told: bool) -> list[Line]:
    """The horizons that something was watched for, at least the shortest."""
    reached = [days for days in HORIZONS if days * 24 <= found.longest]
    return [_line(days, gaps, found, told=told) for days in (reached or HORIZONS[:1] if found.count else ())]


def _line(days: int, gaps: Sequence[Gap], found: survival.Curve, *, told: bool) -> Line:
    share = within(found, days * 24) if told else None
    values = {
        "within": "1 day" if days == 1 else f"{days} days",
        "returned": sum(gap.count for gap in gaps if gap.ended and gap.hours <= days * 24),
        "watched": sum(gap.count for gap in gaps if gap.hours > days * 24),
        "share": share[0] if share else None,
        "low": share[1] if share else None,
        "high": share[2] if share else None,
    }
    return Line(values)


def _days(hours: float) -> str:
    days = round(hours / 24)
    return kit.lasting(hours * 3600) if hours < 48 else f"{days} days"


def _notes(untold: int, found: survival.Curve) -> list[str]:
    notes = ["The interval takes failures as independent; those that come in clusters make it too narrow."]
    if untold:
        notes.append(f"{untold} findings name no mode or no service, so nobody can tell whether they came back.")
    return notes if found.count else notes[1:]
