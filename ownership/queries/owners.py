"""Who answers for services at an instant, as known at an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef, Q, QuerySet

from ownership.models import Assignment, Person, Service, Team
from ownership.vocabulary import AssignmentRole


@dataclass(frozen=True)
class Holding:
    """A party and since when it holds its role."""

    party: Person | Team
    since: datetime | None
    row: int | None = None  # the assignment's id
    until: datetime | None = None  # open-ended when None

    @property
    def is_vacant(self) -> bool:
        """True when the person who holds the role is no longer here: on paper it is held, in truth nobody answers."""
        return isinstance(self.party, Person) and not self.party.is_active

    def as_known(self) -> dict[str, Any]:
        """The snapshot that an incident keeps: kind, id, name, since."""
        return {
            "kind": "person" if isinstance(self.party, Person) else "team",
            "id": self.party.pk,
            "name": str(self.party),
            "since": self.since.isoformat() if self.since else None,
        }


@dataclass(frozen=True)
class Answering:
    """Who answers for one service."""

    accountable: Holding | None = None
    deputies: tuple[Holding, ...] = ()
    escalation: tuple[Holding, ...] = ()

    @property
    def is_answered(self) -> bool:
        """True when somebody who is still here is accountable."""
        return self.accountable is not None and not self.accountable.is_vacant


NOBODY = Answering()


def of_services(
    service_ids: Collection[int], *, at: datetime, known_at: datetime | None = None
) -> dict[int, Answering]:
    """Who answers for each service at `at`, by what was known at `known_at` (None: by what is known now).

    One query; a service that nobody answers for maps to NOBODY.
    """
    held: dict[int, dict[str, list[Holding]]] = defaultdict(lambda: defaultdict(list))
    rows = (
        _known(known_at)
        .filter(service__in=service_ids, during__contains=at)
        .select_related("person", "team")
        .order_by("during", "pk")
    )
    for row in rows:
        if row.service_id is not None:
            held[row.service_id][row.role].append(Holding(row.party, row.during.lower, row.pk, row.during.upper))
    return {service_id: _answering(held[service_id]) for service_id in service_ids}


def of_services_at(wanted: Collection[tuple[int, datetime]]) -> dict[tuple[int, datetime], Answering]:
    """Who answers for each service at its own instant, by what is known now; one query for any number of pairs."""
    if not wanted:
        return {}
    instants = [at for _, at in wanted]
    rows = list(
        _known(None)
        .filter(service__in={service_id for service_id, _ in wanted})
        .filter(during__overlap=DateTimeTZRange(min(instants), max(instants), "[]"))
        .select_related("person", "team")
        .order_by("during", "pk")
    )
    return {(service_id, at): _at(rows, service_id, at) for service_id, at in wanted}


def _at(rows: list[Assignment], service_id: int, at: datetime) -> Answering:
    held: dict[str, list[Holding]] = defaultdict(list)
    for row in rows:
        if row.service_id == service_id and at in row.during:
            held[row.role].append(Holding(row.party, row.during.lower, row.pk, row.during.upper))
    return _answering(held)


def answered(*, at: datetime) -> Exists:
    """For filtering services: somebody who is still here is accountable at `at`."""
    present = Q(person__isnull=True) | Q(person__is_active=True)
    return Exists(
        Assignment.objects.filter(
            present,
            service=OuterRef("pk"),
            role=AssignmentRole.ACCOUNTABLE,
            superseded_at__isnull=True,
            during__contains=at,
        )
    )


def answered_by(person: Person, *, at: datetime) -> Exists:
    """For filtering services: this person, or a team of theirs, is accountable or deputy at `at`."""
    return Exists(
        Assignment.objects.filter(
            Q(person=person) | Q(team__memberships__person=person),
            service=OuterRef("pk"),
            role__in=[AssignmentRole.ACCOUNTABLE, AssignmentRole.DEPUTY],
            superseded_at__isnull=True,
            during__contains=at,
        )
    )


def held_by(party: Person | Team, *, at: datetime) -> QuerySet[Assignment]:
    """What a person or a team itself holds at `at`, services first."""
    held = _held(at)
    return held.filter(person=party) if isinstance(party, Person) else held.filter(team=party)


def held_by_teams_of(person: Person, *, at: datetime) -> QuerySet[Assignment]:
    """What the teams of a person hold at `at`, services first."""
    return _held(at).filter(team__memberships__person=person)


def _held(at: datetime) -> QuerySet[Assignment]:
    held = _known(None).filter(during__contains=at)
    rows = held.select_related(
        "service", "component", "dependency__upstream", "dependency__downstream", "team", "person"
    )
    return rows.order_by("service__name", "component__name", "role", "pk")


def history_of(service: Service) -> QuerySet[Assignment]:
    """Everything ever known about who answered for a service, superseded rows too, latest knowledge first."""
    rows = Assignment.objects.filter(service=service).select_related("person", "team", "made_by")
    return rows.order_by("-known_from", "-pk")


def _known(known_at: datetime | None) -> QuerySet[Assignment]:
    if known_at is None:
        return Assignment.objects.filter(superseded_at__isnull=True)
    return Assignment.objects.filter(
        Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_at), known_from__lte=known_at
    )


def _answering(held: dict[str, list[Holding]]) -> Answering:
    accountable = held[AssignmentRole.ACCOUNTABLE]
    return Answering(
        accountable=accountable[0] if accountable else None,
        deputies=tuple(held[AssignmentRole.DEPUTY]),
        escalation=tuple(held[AssignmentRole.ESCALATION]),
    )
