"""Do we follow through? How long actions wait until they are done: Kaplan-Meier, to the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from incidents.patterns.answers.shape import ENOUGH, FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit, steps
from incidents.patterns.statistics import survival

AGES = {  # days
    0: "any",
    7: "1 week",
    14: "2 weeks",
    28: "4 weeks",
    56: "8 weeks",
    91: "3 months",
    182: "6 months",
    365: "a year",
}
DAY = timedelta(days=1)
HALF_A_DAY = 720.0  # minutes; the curve is to the day
COLUMNS = (
    Column("age", "Age", "text", "Since it was written down."),
    Column("open", "Open for longer", "count", "Open now, and written down at least so long ago."),
    Column("waiting", "Not done and watched so long", "number", "What the share at this age is made of."),
    Column("share", "Not done by then", "share", "Kaplan-Meier."),
    Column("low", "at least", "share", "95 % interval (log-log)."),
    Column("high", "at most", "share"),
)


@dataclass(frozen=True)
class Lasted:
    """So many actions stand so (open, done, verified, declined) and took, or waited, so many days; None: unknown."""

    how: str
    days: int | None
    count: int


def answer(rows: Iterable[Lasted], base: Base, *, board: str) -> Answer:
    """A line for each age that some action reached; `board` is the address of the open actions."""
    given = list(rows)
    stands = Counter[str]()
    for row in given:
        stands[row.how] += row.count
    known = [row for row in given if row.days is not None]
    done = [row.how in {"done", "verified"} for row in known for _ in range(row.count)]
    curve = survival.curve([float(row.days or 0) for row in known for _ in range(row.count)], done)
    told = curve.count >= ENOUGH and not base.few
    lines = [_line(age, known, curve, told=told, board=board) for age in AGES if age <= curve.longest]
    return Answer(
        headline=headline(curve, stands, known, base),
        caption=caption(stands),
        columns=COLUMNS,
        lines=lines if curve.count else [],
        n=curve.count,
        figure=steps.survival([("actions", _in_minutes(curve))], first=HALF_A_DAY) if told else None,
        notes=_notes(given, stands),
    )


def headline(curve: survival.Curve, stands: Counter[str], known: Sequence[Lasted], base: Base) -> str:
    """When half are done, and how long the oldest open one has waited; few are only counted."""
    if not curve.count:
        return "No review of these incidents has written down an action."
    finished = stands["done"] + stands["verified"]
    if base.few or curve.count < ENOUGH:
        actions = "One action" if curve.count == 1 else f"{curve.count} actions"
        return f"{actions}: {_standing(stands)}."
    oldest = max((row.days or 0 for row in known if row.how == "open"), default=None)
    waits = "" if oldest is None else f"; the oldest open one has waited {_days(oldest)}"
    if curve.median is None:
        return (
            f"Too few actions are done to say when half of them will be: {finished} of {sum(stands.values())}{waits}."
        )
    return f"Half of the actions are done within {_days(curve.median)}{waits}."


def caption(stands: Counter[str]) -> str:
    """What was counted, and how those count that are not done."""
    if not stands:
        return "Actions of the reviews of these incidents, from the day each was written down."
    return (
        f"Actions of the reviews of these incidents, from the day each was written down: {_standing(stands)}. "
        "Open ones count as longer than so far, and those that will not be done as never done."
    )


def _standing(stands: Counter[str]) -> str:
    words = {"open": "open", "done": "done and not verified", "verified": "verified", "declined": "not to be done"}
    return ", ".join(f"{stands[how]} {word}" for how, word in words.items())


def _notes(given: Sequence[Lasted], stands: Counter[str]) -> list[str]:
    unknown = sum(row.count for row in given if row.days is None)
    notes = [f"{unknown} were done before they were written down: how long they took is not known."] if unknown else []
    return (
        [*notes, "The board of actions, where the table leads, shows those of all incidents."]
        if stands["open"]
        else notes
    )


def _line(age: int, known: Sequence[Lasted], curve: survival.Curve, *, told: bool, board: str) -> Line:
    step = curve.step_at(age)
    older = sum(row.count for row in known if row.how == "open" and (row.days or 0) >= age)
    values = {
        "age": AGES[age],
        "open": older,
        "waiting": sum(row.count for row in known if (row.days or 0) >= age + (row.how in {"done", "verified"})),
        "share": curve.at(age) if curve.count >= FEW else None,
        "low": (step.low if step else 1.0) if told else None,
        "high": (step.high if step else 1.0) if told else None,
    }
    return Line(values, {"address": board} if older else {})


def _days(days: float) -> str:
    return kit.lasting(days * DAY.total_seconds())


def _in_minutes(curve: survival.Curve) -> survival.Curve:
    """As the axis of the figure has it."""
    minutes = DAY / timedelta(minutes=1)
    scaled = tuple(
        survival.Step(step.time * minutes, step.survival, step.low, step.high, step.at_risk, step.ended)
        for step in curve.steps
    )
    return survival.Curve(scaled, curve.count, curve.ended, curve.longest * minutes)
