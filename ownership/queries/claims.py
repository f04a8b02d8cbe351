"""Where imported catalogues and what was agreed here differ."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ownership.models import Assignment, Claim, Person, Team
from ownership.vocabulary import ClaimState
from web.pagination import slice_of

KEYS = ("subject_name", "pk")


@dataclass(frozen=True)
class Drift:
    """A claim, and who holds the role here instead (nobody when empty)."""

    claim: Claim
    holders: list[Person | Team] = field(default_factory=list)

    @property
    def party(self) -> Person | Team | None:
        """Whom the claim means here."""
        return self.claim.team or self.claim.person

    @property
    def can_be_accepted(self) -> bool:
        """True when both the subject and the party are here."""
        return self.party is not None and bool(self.claim.service_id or self.claim.component_id)


@dataclass(frozen=True)
class Drifts:
    """One page of drift, and the cursor of the next."""

    rows: list[Drift]
    following: str | None


def drift(*, at: datetime, unresolved: bool = False) -> QuerySet[Claim]:
    """Claims that nobody ignored and that do not agree with who holds the role at `at`.

    Without a party they are the queue of owners nobody knows: `unresolved` gives those instead. Claims about paths are
    evidence and never drift.
    """
    same = Q(team=OuterRef("team")) | Q(person=OuterRef("person"))
    about = Q(service=OuterRef("service")) | Q(component=OuterRef("component"))
    agreed = Assignment.objects.filter(about, same, role=OuterRef("role"), superseded_at=None, during__contains=at)
    rows = Claim.objects.exclude(state=ClaimState.IGNORED).filter(Q(service__isnull=False) | Q(component__isnull=False))
    if unresolved:
        return rows.filter(team=None, person=None)
    return rows.filter(Q(team__isnull=False) | Q(person__isnull=False)).filter(~Exists(agreed))


def drifting(*, at: datetime, unresolved: bool = False, after: str | None = None) -> Drifts:
    """A page of them with who holds the role here; two queries however many rows."""
    wanted = drift(at=at, unresolved=unresolved).select_related("service", "component", "team", "person")
    found = slice_of(wanted, keys=KEYS, after=after)
    held = Assignment.objects.filter(superseded_at=None, during__contains=at).filter(
        Q(service__in=[row.service_id for row in found.rows if row.service_id])
        | Q(component__in=[row.component_id for row in found.rows if row.component_id])
    )
    holders: dict[tuple[int | None, int | None, str], list[Person | Team]] = defaultdict(list)
    for row in held.select_related("person", "team").order_by(F("pk")):
        holders[row.service_id, row.component_id, row.role].append(row.party)
    rows = [Drift(claim, holders[claim.service_id, claim.component_id, claim.role]) for claim in found.rows]
    return Drifts(rows, found.following)
