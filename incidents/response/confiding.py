"""Making an incident private, and public again: each with a reason, each a row of the timeline."""

from __future__ import annotations

from datetime import datetime

from incidents.response import merging, timeline, withdrawing
from incidents.response.models import Incident
from incidents.response.queries import merged
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person
from web.errors import Invalid, translated

PRIVATE, PUBLIC = "private from now on", "no longer private"


def make_private(incident: Incident, *, reason: str, by: Person, now: datetime) -> Incident:
    """From now on only its people see it (`queries/visible.py`), and what was merged into it. Twice is once."""
    return _set(incident, private=True, reason=reason, by=by, now=now)


def make_public(incident: Incident, *, reason: str, by: Person, now: datetime) -> Incident:
    """Everybody who is signed in sees it again, and what was merged into it. Twice is once."""
    return _set(incident, private=False, reason=reason, by=by, now=now)


def _set(incident: Incident, *, private: bool, reason: str, by: Person, now: datetime) -> Incident:
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why.", field="reason")
    with translated():
        merging.take_turn()  # what is merged into it meanwhile would stay as it was
        numbers = [incident.pk, *merged.family(incident.pk)]
        rows = Incident.objects.filter(pk__in=numbers).select_for_update(of=("self",), no_key=True).order_by("pk")
        changed = [one for one in rows if one.private != private]
        Incident.objects.filter(pk__in=[one.pk for one in changed]).update(private=private, changed_at=now)
        text = PRIVATE if private else PUBLIC
        timeline.add_all(
            timeline.row(one, TimelineKind.PRIVACY, at=now, now=now, by=by, text=text, why=reason) for one in changed
        )
        if private and changed:
            withdrawing.narrowed([one.pk for one in changed])
        return Incident.objects.get(pk=incident.pk)
