"""Who takes part in an incident, and who did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Case, Exists, QuerySet, When

from incidents.response.models import Incident, Participation
from incidents.response.vocabulary import IncidentRole
from ownership.models import Person

SHOWN = 50


@dataclass(frozen=True)
class People:
    """Who takes part now: who holds each role, and everybody in the order they came; at most SHOWN of them."""

    roles: Sequence[tuple[IncidentRole, Person | None]]
    participants: Sequence[Person]
    more: bool
    is_in: bool  # the viewer is one of them


def of(incident: Incident, viewer: Person) -> People:
    """The people of an incident; one query."""
    is_last = Case(When(role=IncidentRole.PARTICIPANT, then=True), default=False, output_field=BooleanField())
    taking_part = Exists(current(incident).filter(person=viewer))
    found = current(incident).annotate(is_last=is_last, is_in=taking_part).order_by("is_last", "pk")
    rows = list(found[: SHOWN + len(IncidentRole)])
    holders = {row.role: row.person for row in rows}
    joined = [row.person for row in rows if row.role == IncidentRole.PARTICIPANT]
    roles = [(role, holders.get(role)) for role in IncidentRole if role != IncidentRole.PARTICIPANT]
    return People(roles, joined[:SHOWN], len(joined) > SHOWN, any(row.is_in for row in rows))


def current(incident: Incident) -> QuerySet[Participation]:
    """Every part that somebody has in it now."""
    return Participation.objects.filter(incident=incident, ended_at=None).select_related("person", "by")


def story(incident: Incident, *, until: datetime | None = None) -> QuerySet[Participation]:
    """Every part that anybody had in it, also what has ended; those begun up to `until` where it is given."""
    begun = {} if until is None else {"since__lte": until}
    return Participation.objects.filter(incident=incident, **begun).select_related("person", "by", "ended_by")
