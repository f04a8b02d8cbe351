"""Who takes part in an incident, and who did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

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
    rows = list(current(incident).order_by("pk")[: SHOWN + len(IncidentRole) + 1])
    holders = {row.role: row.person for row in rows}
    joined = [row.person for row in rows if row.role == IncidentRole.PARTICIPANT]
    roles = [(role, holders.get(role)) for role in IncidentRole if role != IncidentRole.PARTICIPANT]
    return People(roles, joined[:SHOWN], len(joined) > SHOWN, any(one.pk == viewer.pk for one in joined))


def current(incident: Incident) -> QuerySet[Participation]:
    """Every part that somebody has in it now."""
    return Participation.objects.filter(incident=incident, ended_at=None).select_related("person", "by")


def story(incident: Incident) -> QuerySet[Participation]:
    """Every part that anybody had in it, also what has ended."""
    return Participation.objects.filter(incident=incident).select_related("person", "by", "ended_by")
