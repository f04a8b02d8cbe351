"""Did the fix hold? The time from the verification of an action to the next incident it was to prevent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.patterns.answers import recurrence
from incidents.patterns.answers.shape import ENOUGH, FEW, Answer, Column, Line
from incidents.patterns.figures import kit, returning

HORIZON = 90  # days
COLUMNS = (
    Column("action", "Action"),
    Column("service", "Service", "service"),
    Column("mode", "Failure mode", "mode"),
    Column("layer", "Layer", "layer"),
    Column("verified", "Verified", "moment"),
    Column("held", "Held so far"),
    Column("again", "Came back in", "incident"),
    Column("watched", "Held for", "duration", "Until it came back, was opened again, or the service was retired."),
)


@dataclass(frozen=True)
class Fix:
    """An action that somebody verified, what it was to prevent, and the first incident that it did not: none so far.

    It is watched `until` it was opened again, its service was retired, or now.
    """

    title: str
    service: str
    mode: str
    layer: str
    verified: datetime
    again: int | None
    again_at: datetime | None
    until: datetime
    address: str
    opened_again: bool = False

    @property
    def held(self) -> str:
        """Whether it held so far: from its reopening on nobody claims that it does."""
        if self.again is not None:
            return "no"
        return "opened again" if self.opened_again else "yes"

    @property
    def held_for(self) -> float:
        """How long it held or was watched, in seconds."""
        return ((self.again_at or self.until) - self.verified).total_seconds()


def answer(fixes: Sequence[Fix], untold: int) -> Answer:
    """A line for each verification: those that did not hold first, the latest first."""
    ordered = sorted(fixes, key=lambda fix: (fix.again is None, -fix.verified.timestamp(), fix.title))
    found = recurrence.curve(recurrence.Gap(fix.held_for / 3600, fix.again is not None) for fix in ordered)
    back = found.ended
    return Answer(
        headline=headline(ordered, untold),
        caption=caption(ordered),
        columns=COLUMNS,
        lines=[_line(fix) for fix in ordered],
        n=len(ordered),
        figure=returning.curve(found) if back and len(ordered) >= FEW else None,
        notes=_notes(untold),
    )


def headline(ordered: Sequence[Fix], untold: int) -> str:
    """How many held so far and how soon the first did not."""
    if not ordered:
        if untold:
            return (
                f"None of {untold} verified actions says which mode it prevents, so nobody can tell whether they hold."
            )
        return "No action was verified in this time, so nobody can tell whether fixes hold."
    held, back, opened = ([fix for fix in ordered if fix.held == how] for how in ("yes", "no", "opened again"))
    few = ": too few to say more" if len(ordered) < FEW else ""
    if len(held) == len(ordered):
        whole = (
            "The 1 verified fix has held so far" if len(held) == 1 else f"All {len(held)} verified fixes held so far"
        )
        return f"{whole}{few}."
    told = f"{len(held)} of {len(ordered)} verified fixes held so far{few}"
    if back:
        soonest = kit.lasting(min(fix.held_for for fix in back))
        came = f"what {len(back)} were to prevent came back, the first after {soonest}"
        told += f"; what 1 was to prevent came back after {soonest}" if len(back) == 1 else f"; {came}"
    if opened:
        told += f"; {len(opened)} {'was' if len(opened) == 1 else 'were'} opened again"
    return f"{told}."


def caption(ordered: Sequence[Fix]) -> str:
    """What is counted, and with enough of them how many come back within HORIZON days."""
    told = (
        "Actions by the time at which they were verified, against later incidents of the same service, layer and mode; "
        "one that was opened again is watched until then. The curve: the share that came back (Kaplan-Meier)."
    )
    if len(ordered) < ENOUGH:
        return told
    found = recurrence.curve(recurrence.Gap(fix.held_for / 3600, fix.again is not None) for fix in ordered)
    share = recurrence.within(found, HORIZON * 24)
    if share is None:
        return told
    return f"{told} Within {HORIZON} days: {kit.percent(share[0])} ({kit.between(*share[1:])})."


def _line(fix: Fix) -> Line:
    values = {
        "action": fix.title,
        "service": fix.service,
        "mode": fix.mode,
        "layer": fix.layer,
        "verified": fix.verified,
        "held": fix.held,
        "again": fix.again,
        "watched": fix.held_for,
    }
    return Line(values, {"address": fix.address})


def _notes(untold: int) -> list[str]:
    if not untold:
        return []
    return [f"{untold} more verified actions answer no finding with a mode and a service, so nobody can tell."]
