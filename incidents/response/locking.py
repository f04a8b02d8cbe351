"""An incident's row under a lock, and what every act on it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from incidents.response import standing
from incidents.response.models import Incident
from web.errors import DomainError, Invalid, translated

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class NotOpen(DomainError):
    """This incident is resolved; reopen it first."""

    code = "not_open"


class NotResolved(DomainError):
    """This incident is not resolved."""

    code = "not_resolved"


@contextmanager
def locked(incident: Incident) -> Iterator[Incident]:
    """The row as it is now, in a transaction of its own, so that two clicks at once become one after the other.

    Rows that refer to it can still be added. Raises Merged for what stands still because it was merged into another.
    """
    with translated():
        rows = Incident.objects.select_for_update(of=("self",), no_key=True)
        current = rows.select_related("service", "component", "ball").get(pk=incident.pk)
        standing.require(current)
        yield current


def require_open(incident: Incident) -> None:
    """Raise NotOpen for what is resolved or closed."""
    if incident.is_over:
        raise NotOpen


def refuse_absurd(now: datetime, **times: datetime | None) -> None:
    """Raise Invalid beside the field whose time lies ahead, or in another century by a slip of the hand."""
    for field, time in times.items():
        if time is not None and time > now:
            raise Invalid("This time lies in the future.", field=field)
        if time is not None and time < EARLIEST:
            raise Invalid("This time lies before the year 2000; is the year right?", field=field)
