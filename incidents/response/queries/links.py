"""What an incident has to do with others, as far as the viewer may see those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from incidents.response.models import Incident, IncidentLink
from incidents.response.queries import visible
from incidents.response.vocabulary import LinkKind
from ownership.models import Person

SHOWN = 20


def open_besides(viewer: Person, number: int) -> list[Incident]:
    """The SHOWN latest other open incidents, to choose one from."""
    found = visible.standing(viewer).filter(resolved_at=None).exclude(pk=number)
    return list(found.order_by("-opened_at", "-pk")[:SHOWN])


@dataclass(frozen=True)
class Tie:
    """A link as one end sees it: `words` lead to the `other` end."""

    link: IncidentLink
    words: str
    other: Incident


def of(incident: Incident, viewer: Person) -> QuerySet[IncidentLink]:
    """The links of an incident whose other end this person may see, the latest first."""
    ends = Q(one=incident) & visible.clause(viewer, of="other") | Q(other=incident) & visible.clause(viewer, of="one")
    return IncidentLink.objects.filter(ends, ended_at=None).select_related("one", "other", "by").order_by("-pk")


def ties(incident: Incident, viewer: Person) -> Sequence[Tie]:
    """The SHOWN latest of them, from the incident's end; one query."""
    return [
        Tie(one, LinkKind(one.kind).label, one.other)
        if one.one_id == incident.pk
        else Tie(one, LinkKind(one.kind).back, one.one)
        for one in of(incident, viewer)[:SHOWN]
    ]
