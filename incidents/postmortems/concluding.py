"""Closing a published postmortem when its last action is settled, and opening it when one is open again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from incidents.postmortems import freezing
from incidents.postmortems.models import Action, Postmortem
from incidents.postmortems.queries.unsettled import unsettled
from incidents.response import timeline
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person
from web.errors import translated


@contextmanager
def watched(action: Action, *, by: Person, now: datetime) -> Iterator[None]:
    """A transaction with the row of the action's postmortem locked; what is done inside closes it, or opens it again.

    The lock comes before those of actions, as in every other act on a postmortem. A review of the patterns is closed
    by hand, whatever becomes of its decisions: nothing is locked for them.
    """
    with translated():
        current = freezing.lock(action.postmortem) if action.postmortem else None
        yield
        if current is not None:
            settle(current, by=by, now=now)


def settle(current: Postmortem, *, by: Person, now: datetime) -> None:
    """Close or open a published postmortem, whose row the caller has locked, by what is left of its actions."""
    if current.published_at is None:
        return
    is_open = bool(unsettled(current))
    if is_open == (current.closed_at is None):
        return
    current.closed_at = None if is_open else max(now, current.published_at)
    current.save(update_fields=["closed_at"])
    text, why = ("open again", "an action is open again") if is_open else ("closed", _why_closed(current))
    timeline.add(current.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text=text, why=why)


def _why_closed(postmortem: Postmortem) -> str:
    return "every action is settled" if Action.objects.filter(postmortem=postmortem).exists() else "it has no actions"
