"""Teams and who is in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ownership import slugs
from ownership.models import Membership, Person, Team
from web.errors import Invalid, translated


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
    team.name = _named(name)
    with translated():
        team.save(update_fields=["name"])
    return team


def add_member(team: Team, person: Person, *, by: Person, now: datetime) -> Membership:
    """Put a person into a team."""
    if not person.is_active:
        raise Invalid(f"{person} is no longer here; choose somebody else.", field="person")
    with translated():
        return Membership.objects.create(team=team, person=person)


def remove_member(team: Team, person: Person, *, by: Person, now: datetime) -> None:
    """Take a person out of a team; twice is once."""
    Membership.objects.filter(team=team, person=person).delete()


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("Give the team a name.", field="name")
    return name
