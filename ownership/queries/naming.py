"""Who might be meant by the beginning of a name: for suggesting while somebody types."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Lower

from ownership.models import Person, Team

MOST = 8


@dataclass(frozen=True)
class Name:
    """Somebody, and what names only them: a person's e-mail address, a team's slug."""

    handle: str
    name: str


def beginning(text: str) -> list[Name]:
    """Teams and people who are here and whose name, address or slug begins so, a few; two queries by their indexes."""
    begins = text.strip().lower()
    if not begins or "\x00" in begins:
        return []
    teams = Team.objects.alias(lower=Lower("name")).filter(dissolved_at=None)
    people = Person.objects.alias(lower=Lower("name"), address=Lower("email")).filter(is_active=True)
    found = [
        Name(team.slug, team.name)
        for team in teams.filter(Q(lower__startswith=begins) | Q(slug__startswith=begins)).order_by("name")[:MOST]
    ]
    by_name = people.filter(Q(lower__startswith=begins) | Q(address__startswith=begins)).order_by("name", "pk")[:MOST]
    return [*found, *(Name(one.email, str(one)) for one in by_name)][:MOST]
