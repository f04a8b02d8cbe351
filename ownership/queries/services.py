"""Reads for the pages about services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db.models import Count

from ownership.models import Alias, Assignment, Component, Dependency, Handover, Part, Person, Service, ServiceLink
from ownership.queries import handovers, owners
from ownership.queries.owners import Answering
from ownership.vocabulary import HandoverState
from web.pagination import slice_of

ORDER = ("tier", "name", "pk")


@dataclass(frozen=True)
class ServiceRow:
    """One line of the list."""

    service: Service
    parts: int
    answering: Answering


@dataclass(frozen=True)
class ServiceList:
    """A page of the list, the cursor of the next, and how many services nobody answers for."""

    rows: Sequence[ServiceRow]
    following: str | None
    unanswered: int


@dataclass(frozen=True)
class PathPart:
    """A part on the path, the seam that leads to it from the part before, and what alerts call it."""

    part: Part
    seam: Dependency | None
    aliases: Sequence[Alias]

    @property
    def component(self) -> Component:
        """The part itself."""
        return self.part.component


@dataclass(frozen=True)
class ServicePage:
    """All that a service's page shows of its own."""

    service: Service
    answering: Answering
    path: Sequence[PathPart]
    links: Sequence[ServiceLink]
    history: Sequence[Assignment]
    handover: Handover | None


def listed(viewer: Person, *, at: datetime, answer: str = "", tier: str = "", after: str | None = None) -> ServiceList:
    """Living services, those that matter most first. `answer` is `nobody`, `mine` or empty; five queries."""
    living = Service.objects.filter(retired_at=None)
    wanted = living
    if answer == "nobody":
        wanted = wanted.filter(~owners.answered(at=at))
    elif answer == "mine":
        wanted = wanted.filter(owners.answered_by(viewer, at=at))
    if tier:
        wanted = wanted.filter(tier=tier)
    shown = slice_of(wanted, keys=ORDER, after=after)
    return ServiceList(
        rows=rows_of(shown.rows, at=at),
        following=shown.following,
        unanswered=living.filter(~owners.answered(at=at)).count(),
    )


def rows_of(services: Sequence[Service], *, at: datetime) -> list[ServiceRow]:
    """What a list says about each service; two queries for any number."""
    ids = [service.pk for service in services]
    counted = Part.objects.filter(service__in=ids).values_list("service").annotate(Count("pk")).order_by()
    parts: Counter[int] = Counter(dict(counted))
    answering = owners.of_services(ids, at=at)
    return [ServiceRow(service, parts[service.pk], answering[service.pk]) for service in services]


def page_of(service: Service, *, at: datetime) -> ServicePage:
    """A service's page; seven queries however many parts it has."""
    answering = owners.of_services([service.pk], at=at)[service.pk]
    return ServicePage(
        service=service,
        answering=answering,
        path=path_of(service),
        links=list(service.links.order_by("pk")),
        history=list(owners.history_of(service)[:50]),
        handover=_pending(service, answering, at=at),
    )


def _pending(service: Service, answering: Answering, *, at: datetime) -> Handover | None:
    """The hand-over that is open, or accepted for a time ahead and still true."""
    found = handovers.pending_of(service, at=at)
    if found is None or found.state == HandoverState.PROPOSED:
        return found
    ends = answering.accountable.until if answering.accountable else None
    return found if ends == found.effective_at else None


def path_of(service: Service) -> list[PathPart]:
    """Parts in the order of the request's path, with the seams between neighbours where they are recorded."""
    parts = list(
        Part.objects.filter(service=service)
        .select_related("component", "component__custodian")
        .order_by("position", "pk")
    )
    ids = [part.component_id for part in parts]
    known = Dependency.objects.filter(upstream__in=ids, downstream__in=ids).order_by("-pk")
    seams = {(seam.upstream_id, seam.downstream_id): seam for seam in known}
    aliases: dict[int, list[Alias]] = {component: [] for component in ids}
    for alias in Alias.objects.filter(component__in=ids).order_by("system", "key"):
        aliases[alias.component_id].append(alias)
    leading = [None, *(seams.get(pair) for pair in pairwise(ids))]
    return [PathPart(part, seam, aliases[part.component_id]) for part, seam in zip(parts, leading, strict=False)]
