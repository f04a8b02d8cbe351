"""Reads for the pages about services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from ownership.models import Alias, Component, Dependency, Part, Person, Service, ServiceLink
from ownership.queries import latencies, maps, owners
from ownership.queries.answers import Answers, answers_of
from ownership.queries.owners import Answering
from ownership.vocabulary import DependencyKind, PartRole
from web import wording
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


NEEDED_BY = {
    DependencyKind.CALL: "called by",
    DependencyKind.DATA: "read by",
    DependencyKind.EVENT: "heard by",
    DependencyKind.BUILD: "built into",
}


@dataclass(frozen=True)
class Caller:
    """A seam that leads to a part from another part of the service, which is named `label` there."""

    seam: Dependency
    label: str

    @property
    def words(self) -> str:
        """The seam in words: `called by Gateway: 1000 ms, 1 try`."""
        facts = [] if self.seam.timeout_ms is None else [f"{self.seam.timeout_ms} ms"]
        if self.seam.attempts is not None:
            facts.append(wording.tries(self.seam.attempts))
        said = f"{NEEDED_BY[DependencyKind(self.seam.kind)]} {self.label}"
        return f"{said}: {', '.join(facts)}" if facts else said


@dataclass(frozen=True)
class PathPart:
    """A part, the seams over which other parts of the service need it, and what alerts call it.

    `is_stitched` when a seam joins it and the part before it in the row; `is_beside` for a supporting part that no
    other part needs, such as an evaluation suite: no request passes it.
    """

    part: Part
    label: str
    callers: Sequence[Caller]
    aliases: Sequence[Alias]
    is_stitched: bool
    is_beside: bool

    @property
    def component(self) -> Component:
        """The part itself."""
        return self.part.component


@dataclass(frozen=True)
class ServicePage:
    """All that a service's page shows of its own."""

    service: Service
    answers: Answers
    path: Sequence[PathPart]
    links: Sequence[ServiceLink]
    inversions: int  # timeouts on the path that outlive the one above them

    @property
    def row(self) -> Sequence[PathPart]:
        """The parts that a request can pass."""
        return [one for one in self.path if not one.is_beside]

    @property
    def beside(self) -> Sequence[PathPart]:
        """The parts beside the path."""
        return [one for one in self.path if one.is_beside]

    @property
    def answering(self) -> Answering:
        """Who answers now."""
        return self.answers.answering


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; each "" for any.

    `answer` is `nobody` or `mine`; `team` is the slug of a team that answers, itself or through a member; `q` looks
    into names and outcomes; `show` is `retired`.
    """

    answer: str = ""
    tier: str = ""
    archetype: str = ""
    team: str = ""
    q: str = ""
    show: str = ""

    @property
    def is_retired(self) -> bool:
        """True for services that are no longer in use."""
        return self.show == "retired"

    @property
    def narrows(self) -> bool:
        """True when something beside who answers narrows the list."""
        return any((self.tier, self.archetype, self.team, self.q))


def listed(viewer: Person, wanted: Wanted, *, at: datetime, after: str | None = None) -> ServiceList:
    """Services, those that matter most first; four queries."""
    living = Service.objects.filter(retired_at=None)
    found = Service.objects.filter(retired_at__isnull=False) if wanted.is_retired else living
    if wanted.answer == "nobody":
        found = found.filter(~owners.answered(at=at))
    elif wanted.answer == "mine":
        found = found.filter(owners.answered_by(viewer, at=at))
    if wanted.tier:
        found = found.filter(tier=wanted.tier)
    if wanted.archetype:
        found = found.filter(archetype=wanted.archetype)
    if wanted.team:
        found = found.filter(owners.answered_by_team(wanted.team, at=at))
    if wanted.q:
        found = found.filter(Q(name__icontains=wanted.q) | Q(outcome__icontains=wanted.q))
    shown = slice_of(found, keys=ORDER, after=after)
    return ServiceList(
        rows=rows_of(shown.rows, at=at),
        following=shown.following,
        unanswered=living.filter(~owners.answered(at=at)).count(),
    )


def alone_without(service: Service) -> list[Component]:
    """The living parts of a service that belong to no other living service; one query."""
    elsewhere = Part.objects.filter(component=OuterRef("pk"), service__retired_at=None).exclude(service=service)
    alone = Component.objects.filter(~Exists(elsewhere), parts__service=service, retired_at=None)
    return list(alone.order_by("parts__position", "pk"))


def rows_of(services: Sequence[Service], *, at: datetime) -> list[ServiceRow]:
    """What a list says about each service; two queries for any number."""
    ids = [service.pk for service in services]
    counted = Part.objects.filter(service__in=ids).values_list("service").annotate(Count("pk")).order_by()
    parts: Counter[int] = Counter(dict(counted))
    answering = owners.of_services(ids, at=at)
    return [ServiceRow(service, parts[service.pk], answering[service.pk]) for service in services]


def page_of(service: Service, *, at: datetime) -> ServicePage:
    """A service's page; nine queries however many parts it has, one of them recursive."""
    path = path_of(service)
    living = [one.part for one in path if one.component.retired_at is None]
    roles = maps.entries_first((part.component_id, part.role) for part in living)
    reckoning = latencies.of(service, roles=roles).reckoning
    return ServicePage(
        service=service,
        answers=answers_of(service, at=at),
        path=path,
        links=list(service.links.order_by("pk")),
        inversions=len(reckoning.inversions) if reckoning else 0,
    )


def path_of(service: Service) -> list[PathPart]:
    """Parts in the order of the request's path, each with the seams that lead to it from any other part."""
    parts = list(
        Part.objects.filter(service=service)
        .select_related("component", "component__custodian")
        .order_by("position", "pk")
    )
    ids = [part.component_id for part in parts]
    labels = {part.component_id: service.label_of(part.component.name) for part in parts}
    known = Dependency.objects.filter(upstream__in=ids, downstream__in=ids)
    place = {component: number for number, component in enumerate(ids)}
    callers: dict[int, list[Caller]] = {component: [] for component in ids}
    for seam in sorted(known, key=lambda one: (one.kind != DependencyKind.CALL, place[one.upstream_id], one.pk)):
        callers[seam.downstream_id].append(Caller(seam, labels[seam.upstream_id]))
    joined = {frozenset((one.seam.upstream_id, one.seam.downstream_id)) for found in callers.values() for one in found}
    aliases: dict[int, list[Alias]] = {component: [] for component in ids}
    for alias in Alias.objects.filter(component__in=ids).order_by("system", "key"):
        aliases[alias.component_id].append(alias)
    path: list[PathPart] = []
    before: int | None = None
    for part in parts:
        here = part.component_id
        is_beside = part.role == PartRole.SUPPORTING and not callers[here]
        is_stitched = not is_beside and before is not None and frozenset((before, here)) in joined
        path.append(PathPart(part, labels[here], callers[here], aliases[here], is_stitched, is_beside))
        before = before if is_beside else here
    return path
