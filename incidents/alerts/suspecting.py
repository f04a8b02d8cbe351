"""A change is suspected behind an incident, and no more; each says so on the timeline."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from incidents.alerts.change_models import Change, Suspect
from incidents.alerts.queries import changes
from incidents.response import timeline
from incidents.response.models import Incident
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person
from web.errors import translated

_SUSPECT = """
INSERT INTO incidents_suspect (incident_id, line, by_id, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def suspect(incident: Incident, change: Change, *, why: str, by: Person, now: datetime) -> None:
    """Suspect a change behind an incident; twice is once. `why` says what connects them."""
    with translated():
        if not _is_new(incident, change, by=by, now=now):
            return
        text = f"Suspected change: {linked(change)}"
        told = {"change": str(change.line), "suspected": True}
        timeline.add(incident, TimelineKind.NOTE, at=now, now=now, by=by, text=text, why=why, data=told)


def drop(incident: Incident, change: Change, *, by: Person, now: datetime) -> None:
    """It was not that change after all; nothing is done when nobody suspects it."""
    with translated():
        standing = Suspect.objects.filter(incident=incident, line=change.line, dropped_at=None)
        if standing.update(dropped_at=now, dropped_by=by):
            text = f"No longer suspected: {linked(change)}"
            told = {"change": str(change.line), "suspected": False}
            timeline.add(incident, TimelineKind.NOTE, at=now, now=now, by=by, text=text, data=told)


def _is_new(incident: Incident, change: Change, *, by: Person, now: datetime) -> bool:
    """Write the row; False when somebody suspects the change already, and that row is left as it is."""
    with connection.cursor() as cursor:
        cursor.execute(_SUSPECT, [incident.pk, change.line, by.pk, now])
        return bool(cursor.rowcount == 1)


def linked(change: Change) -> str:
    """A link to the change for notes and evidence; what Markdown would read as more than text is taken out."""
    return f"[{changes.words(change)}]({change.get_absolute_url()})"
