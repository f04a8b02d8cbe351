"""Reads for the pages about people and teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, Prefetch, Q, QuerySet, When
from django.db.models.functions import Coalesce

from ownership.models import ApiToken, Assignment, Component, Handover, Invitation, Membership, Person, Team
from ownership.queries import handovers, owners
from web.pagination import Slice, slice_of

MANY = 20  # of one name; more are no easier to tell apart


@dataclass(frozen=True)
class PeopleList:
    """A page of people, each with `.teams` fetched, and the cursor of the next."""

    rows: Sequence[Person]
    following: str | None


@dataclass(frozen=True)
class TeamRow:
    """One line of the list of teams."""

    team: Team
    members: int
    holds: int
    components: int


@dataclass(frozen=True)
class TeamList:
    """A page of teams and the cursor of the next."""

    rows: Sequence[TeamRow]
    following: str | None


@dataclass(frozen=True)
class TeamPage:
    """Who is in a team, what it answers for and what it looks after; the first of each, or those after a cursor."""

    team: Team
    members: Slice[Membership]
    held: Slice[Assignment]
    components: Slice[Component]


@dataclass(frozen=True)
class After:
    """Where the lists of a page go on: the cursor of each, None from the beginning."""

    held: str | None = None
    through: str | None = None
    members: str | None = None
    components: str | None = None


FIRST = After()


@dataclass(frozen=True)
class PersonPage:
    """What a person answers for, themselves and through their teams, and their open invitation."""

    person: Person
    teams: Sequence[Team]
    held: Slice[Assignment]
    through_teams: Slice[Assignment]
    invitation: Invitation | None


def party_named(key: str) -> Person | Team | None:
    """The person or team that a `party_key` names, those who left too; None when there is none. One query."""
    kind, _, number = key.partition(":")
    if not number.isdecimal() or len(number) > 18:
        return None
    if kind == "person":
        return Person.objects.filter(pk=number).first()
    return Team.objects.filter(pk=number).first() if kind == "team" else None


def person_called(text: str, *, everybody: bool = False) -> Person | None:
    """Who has this e-mail address, else who alone has this name; `everybody` also those who left. One query."""
    said = " ".join(text.split())
    if not said or "\x00" in said:
        return None
    rows = Person.objects.all() if everybody else Person.objects.filter(is_active=True)
    found = list(rows.filter(Q(email__iexact=said) | Q(name__iexact=said)).order_by("pk")[:MANY])
    addressed = [one for one in found if one.email.lower() == said.lower()]
    return addressed[0] if addressed else found[0] if len(found) == 1 else None


def party_called(text: str, *, everybody: bool = False) -> Person | Team | None:
    """As `person_called`, else the one team of this name; None when a person and a team have it. Two queries."""
    person = person_called(text, everybody=everybody)
    said = " ".join(text.split())
    if "\x00" in said or (person is not None and person.email.lower() == said.lower()):
        return person
    rows = Team.objects.all() if everybody else Team.objects.filter(dissolved_at=None)
    named: list[Person | Team] = [*([person] if person else []), *rows.filter(name__iexact=said).order_by("pk")[:MANY]]
    return named[0] if len(named) == 1 else None


def living_teams() -> list[Team]:
    """Teams to choose from, by name; one query."""
    return list(Team.objects.filter(dissolved_at=None).order_by("name", "pk"))


def listed(*, inactive: bool = False, after: str | None = None) -> PeopleList:
    """People by name; those who left apart. Two queries."""
    people = Person.objects.filter(is_active=not inactive).prefetch_related(
        Prefetch("teams", Team.objects.filter(dissolved_at=None).order_by("name", "pk"))
    )
    shown = slice_of(people, keys=("name", "pk"), after=after)
    return PeopleList(shown.rows, shown.following)


def teams_listed(*, at: datetime, dissolved: bool = False, after: str | None = None) -> TeamList:
    """Teams by name with their numbers, dissolved ones apart; four queries."""
    wanted = Team.objects.filter(dissolved_at__isnull=not dissolved)
    shown = slice_of(wanted, keys=("name", "pk"), after=after)
    here = [team.pk for team in shown.rows]
    stay = Membership.objects.filter(team__in=here, person__is_active=True)
    members = dict(stay.values_list("team").annotate(Count("pk")).order_by())
    current = Assignment.objects.filter(superseded_at=None, during__contains=at, team__in=here)
    holds = dict(current.values_list("team").annotate(Count("pk")).order_by())
    looked_after = Component.objects.filter(retired_at=None, custodian__in=here)
    components = dict(looked_after.values_list("custodian").annotate(Count("pk")).order_by())
    rows = [
        TeamRow(team, members.get(team.pk, 0), holds.get(team.pk, 0), components.get(team.pk, 0)) for team in shown.rows
    ]
    return TeamList(rows, shown.following)


def team_page(team: Team, *, at: datetime, after: After = FIRST) -> TeamPage:
    """A team's page; three queries."""
    members = team.memberships.select_related("person")
    components = Component.objects.filter(custodian=team, retired_at=None)
    return TeamPage(
        team=team,
        members=slice_of(members, keys=("person__name", "pk"), after=after.members),
        held=_slice_of_held(owners.held_by(team, at=at), after.held),
        components=slice_of(components, keys=("name", "pk"), after=after.components),
    )


def person_page(person: Person, *, at: datetime, after: After = FIRST) -> PersonPage:
    """A person's page; four queries."""
    return PersonPage(
        person=person,
        teams=list(person.teams.filter(dissolved_at=None).order_by("name", "pk")),
        held=_slice_of_held(owners.held_by(person, at=at), after.held),
        through_teams=_slice_of_held(owners.held_by_teams_of(person, at=at), after.through),
        invitation=person.invitations.filter(used_at=None, expires_at__gt=at).first(),
    )


def _slice_of_held(rows: QuerySet[Assignment], after: str | None) -> Slice[Assignment]:
    """Some of what is held: services first, then components, then seams, each by name."""
    named = rows.annotate(
        kind_order=Case(When(service__isnull=False, then=0), When(component__isnull=False, then=1), default=2),
        subject_name=Coalesce("service__name", "component__name", "dependency__upstream__name"),
    )
    return slice_of(named, keys=("kind_order", "subject_name", "role", "pk"), after=after)


def waiting_for(person: Person, *, at: datetime) -> list[Handover]:
    """What a person, or a team of theirs, is asked to take over, what expires first on top; one query."""
    return list(handovers.waiting_for(person, at=at).order_by("expires_at", "pk"))


def tokens_of(person: Person) -> list[ApiToken]:
    """A person's living tokens, newest first."""
    return list(person.api_tokens.filter(revoked_at=None).order_by("-created_at", "-pk"))
