"""Which incidents a person may see: asked for by every list, count, search and drill-down."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from incidents.response.models import Incident
from ownership.models import Person


def clause(viewer: Person, *, of: str = "") -> Q:
    """The condition on a query over a table whose path to the incident is `of`, such as `"incident"`."""
    return Q()


def to(viewer: Person) -> QuerySet[Incident]:
    """The incidents that this person may see."""
    return Incident.objects.filter(clause(viewer))


def hides(incident: Incident, people: Iterable[Person]) -> set[int]:
    """Those of these people who may not see the incident, by their numbers: they are not told of it."""
    return set()
