"""Teams and who is in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ownership import announcing, slugs, waiving
from ownership.models import Membership, Person, Team
from web import registry
from web.errors import DomainError, Invalid, translated


class Dissolved(DomainError):
    """This team was dissolved; restore it before you change it."""

    code = "dissolved"


def create(*, name: str, by: Person, now: datetime, members: Collection[Person] = ()) -> Team:
    """A team, with its first members if they are known."""
    name = _named(name)
    with translated():
        team = Team.objects.create(name=name, slug=slugs.free(name, Team))
        for person in members:
            add_member(team, person, by=by, now=now)
    return team


def rename(team: Team, *, name: str, by: Person, now: datetime) -> Team:
    """Change a team's name; its slug stays, so that addresses keep working."""
    _require_living(team)
    team.name = _named(name)
    with translated():
        team.save(update_fields=["name"])
    return team


def add_member(team: Team, person: Person, *, by: Person, now: datetime) -> Membership:
    """Put a person into a team."""
    _require_living(team)
    if not person.is_active:
        raise Invalid(f"{person} is no longer here; choose somebody else.", field="person")
    with translated():
        return Membership.objects.create(team=team, person=person)


def remove_member(team: Team, person: Person, *, by: Person, now: datetime) -> None:
    """Take a person out of a team; twice is once."""
    Membership.objects.filter(team=team, person=person).delete()


def dissolve(team: Team, *, by: Person, now: datetime) -> Team:
    """The team is no more: nothing leads to it, its name is free; what it held stays on record, vacant."""
    with translated():
        current = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        if current.dissolved_at is None:
            current.dissolved_at = now
            current.save(update_fields=["dissolved_at"])
            announcing.left(current, by=by, now=now)
            registry.tell("team_dissolved", team_id=current.pk, by=by, now=now)
    return current


def restore(team: Team, *, by: Person, now: datetime) -> Team:
    """The team is there again with its members and what it held; refused while another has its name."""
    with translated():
        current = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        current.dissolved_at = None
        current.save(update_fields=["dissolved_at"])
        waiving.owner_back(current, by=by, now=now)
    return current


def _require_living(team: Team) -> None:
    if team.dissolved_at is not None:
        raise Dissolved


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("Give the team a name.", field="name")
    return name
