"""What wants a new owner: roles whose holder is no longer here, and components that such a team looked after."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef, Q, QuerySet

from ownership.models import Assignment, Component, Handover, Person, Team
from ownership.queries import handovers, owners
from ownership.vocabulary import HandoverState
from web.pagination import slice_of

GONE = Q(person__is_active=False) | Q(team__dissolved_at__isnull=False)
NAMED = Q(team__dissolved_at=None, answering__isnull=False)
# A team that is here names somebody who is no longer here, or in it no more.
NAMED_GONE = NAMED & (Q(answering__is_active=False) | Q(names_outsider=True))
LIVING = (
    Q(service__isnull=False, service__retired_at=None)
    | Q(component__isnull=False, component__retired_at=None)
    | Q(dependency__isnull=False)
)


@dataclass(frozen=True)
class Vacancy:
    """One role without a holder who is here, and the open proposal about its subject."""

    row: Assignment
    handover: Handover | None
    is_named: bool = False  # a team goes on holding the role; who answers for it left (it or all), or is about to

    @property
    def what(self) -> str:
        """What it is: the role, or that somebody answers for the team that has it."""
        role = self.row.get_role_display()
        return f"Answers for a team ({role.lower()})" if self.is_named else role

    @property
    def held_by(self) -> Person | Team:
        """Who left it, or is about to."""
        return self.row.answering if self.is_named and self.row.answering else self.row.party


@dataclass(frozen=True)
class VacancyList:
    """A page of vacancies, oldest first, and the cursor of the next."""

    rows: list[Vacancy]
    following: str | None


def held(*, at: datetime, party: Person | Team | None = None) -> QuerySet[Assignment]:
    """Roles at living subjects, now or later: what `party` holds, or, when that is None, whoever is no longer here.

    For a person that is also where a team names them as who answers for it.
    """
    rows = _standing(at)
    if party is None:
        return rows.filter(GONE | NAMED_GONE)
    if isinstance(party, Team):
        return rows.filter(team=party)
    return rows.filter(Q(person=party) | (NAMED & Q(answering=party)))


def is_named(row: Assignment, *, at: datetime, party: Person | Team | None = None) -> bool:
    """True when the row is on the list only because of who answers for the team, which is here and keeps the role."""
    if row.answering is None or row.team is None or not row.team.is_here(at) or isinstance(party, Team):
        return False
    return row.answering == party or not row.answering.is_here(at) or getattr(row, "names_outsider", False)


def standing(ids: Collection[int], *, at: datetime) -> QuerySet[Assignment]:
    """Those of these assignments that still are as known now, at living subjects."""
    return _standing(at).filter(pk__in=ids)


def _standing(at: datetime) -> QuerySet[Assignment]:
    rows = Assignment.objects.filter(LIVING, superseded_at=None, during__overlap=DateTimeTZRange(at, None))
    return rows.annotate(names_outsider=owners.NAMES_OUTSIDER).select_related(*owners.WHOLE)


def listed(*, at: datetime, party: Person | Team | None = None, after: str | None = None) -> VacancyList:
    """A page of `held`; two queries."""
    shown = slice_of(held(at=at, party=party), keys=("pk",), after=after)
    proposals = _open_about(shown.rows, at=at)
    rows = [
        Vacancy(
            row, proposals.get((row.service_id, row.component_id, row.dependency_id)), is_named(row, at=at, party=party)
        )
        for row in shown.rows
    ]
    return VacancyList(rows, shown.following)


def parties(*, at: datetime) -> list[Person | Team]:
    """Who left and still holds something, by name; two queries."""
    named = held(at=at).filter(NAMED, answering=OuterRef("pk"))
    people = Person.objects.filter(Exists(held(at=at).filter(person=OuterRef("pk"))) | Exists(named), is_active=False)
    teams = Team.objects.filter(
        Exists(held(at=at).filter(team=OuterRef("pk"))) | Exists(_looked_after().filter(custodian=OuterRef("pk"))),
        dissolved_at__isnull=False,
    )
    return [*people.order_by("name", "pk"), *teams.order_by("name", "pk")]


def looked_after(*, party: Person | Team | None, limit: int) -> Sequence[Component]:
    """Components whose custodian is this team, or, when `party` is None, one that was dissolved."""
    if isinstance(party, Person):
        return []
    rows = _looked_after().select_related("custodian").order_by("name", "pk")
    if party is None:
        return list(rows.filter(custodian__dissolved_at__isnull=False)[:limit])
    return list(rows.filter(custodian=party)[:limit])


def _looked_after() -> QuerySet[Component]:
    return Component.objects.filter(retired_at=None, custodian__isnull=False)


def _open_about(
    rows: Collection[Assignment], *, at: datetime
) -> dict[tuple[int | None, int | None, int | None], Handover]:
    found = Handover.objects.filter(owners.same_subjects(rows), handovers.reads(HandoverState.PROPOSED, at=at))
    return {
        (one.service_id, one.component_id, one.dependency_id): one
        for one in found.select_related("to_person", "to_team")
    }
