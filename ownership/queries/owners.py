"""Who answers for services at an instant, as known at an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ownership.models import Assignment, Person, Team
from ownership.vocabulary import AssignmentRole


@dataclass(frozen=True)
class Holding:
    """A party and since when it holds its role."""

    party: Person | Team
    since: datetime | None

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
            held[row.service_id][row.role].append(Holding(row.party, row.during.lower))
    return {service_id: _answering(held[service_id]) for service_id in service_ids}


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
