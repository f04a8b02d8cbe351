"""What stands above a timeline: rows that somebody pinned there, few enough to be read."""

from __future__ import annotations

from datetime import datetime

from incidents.response.models import Incident, Pin, TimelineRow
from ownership.models import Person
from web.errors import DomainError, translated

MOST = 10  # of one incident


class Enough(DomainError):
    """Ten rows are pinned already; unpin one first."""

    code = "pins_full"


def pin(row: TimelineRow, *, by: Person, now: datetime) -> None:
    """Pin a row, whichever its version; twice is once."""
    with translated():
        Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=row.incident_id)  # so that ten stay ten
        current = Pin.objects.filter(incident=row.incident_id, unpinned_at=None)
        pinned = set(current.values_list("row_id", flat=True))
        if row.first_id in pinned:
            return
        if len(pinned) >= MOST:
            raise Enough
        Pin.objects.create(incident_id=row.incident_id, row_id=row.first_id, pinned_at=now, pinned_by=by)


def unpin(row: TimelineRow, *, by: Person, now: datetime) -> None:
    """Take a row down again; what is not pinned stays so."""
    with translated():
        Pin.objects.filter(row=row.first_id, unpinned_at=None).update(unpinned_at=now, unpinned_by=by)
