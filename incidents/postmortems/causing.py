"""Which incident a guardrail's rule was changed because of; a person says so, and may take it back."""

from __future__ import annotations

from datetime import datetime

from incidents.alerts import suspecting
from incidents.alerts.change_models import Change
from incidents.postmortems.models import RuleCause
from incidents.response import standing, timeline
from incidents.response.models import Incident
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person
from web.errors import Invalid, translated


def name(change: Change, incident: Incident, *, by: Person, now: datetime) -> None:
    """The change came of this incident; twice is once. Invalid for an incident that was noticed after it."""
    standing.require(incident)
    if incident.detected_at > change.at:
        raise Invalid(f"{incident.ref} was noticed after this change; name an earlier one.", field="incident")
    with translated():
        told = {"by": by, "at": now}
        _, is_new = RuleCause.objects.get_or_create(
            change=change.line, incident=incident, dropped_at=None, defaults=told
        )
        if is_new:
            _tell(incident, f"Rule change because of it: {suspecting.linked(change)}", change, by=by, now=now)


def drop(change: Change, incident: Incident, *, by: Person, now: datetime) -> None:
    """It did not come of this incident after all; nothing is done when nobody says so."""
    with translated():
        named = RuleCause.objects.filter(change=change.line, incident=incident, dropped_at=None)
        if named.update(dropped_at=now, dropped_by=by):
            _tell(
                incident, f"No rule change because of it after all: {suspecting.linked(change)}", change, by=by, now=now
            )


def _tell(incident: Incident, text: str, change: Change, *, by: Person, now: datetime) -> None:
    said = {"change": str(change.line)}
    timeline.add(incident, TimelineKind.NOTE, at=now, now=now, by=by, text=text, data=said)
