"""Who is named in a note, and telling them: each once, and nobody who may not see the incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import visible
from ownership import notifying
from ownership.models import Person, Team
from ownership.vocabulary import NoticeKind
from web import markdown
from web.errors import Invalid

MOST = 20  # names in one note; more are a list, not a call for somebody


@dataclass(frozen=True)
class Named:
    """Who is meant, by what was typed after the @, and what meant nobody."""

    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    unknown: Sequence[str]

    def as_kept(self) -> dict[str, list[str | int]]:
        """For the row: numbers, so that names can change."""
        people: dict[str, list[str | int]] = {handle: ["person", one.pk] for handle, one in self.people.items()}
        return people | {handle: ["team", one.pk] for handle, one in self.teams.items()}


@dataclass(frozen=True)
class Place:
    """Where somebody is named: about which incident, what it is called, its address, and what tells it apart."""

    incident: Incident
    called: str
    path: str
    key: str


def named(text: str, *, by: Person) -> Named:
    """Who is meant: a person by their e-mail address, or what stands before the @ of one like the writer's; a team by
    its slug. At most two queries; raises Invalid beyond MOST names.
    """
    handles = markdown.handles(text)
    if len(handles) > MOST:
        raise Invalid(f"That names {len(handles)}; name at most {MOST} people and teams.", field="text")
    if not handles:
        return Named({}, {}, [])
    living = Team.objects.filter(slug__in=handles, dissolved_at=None)
    teams = {team.slug: team for team in living}
    domain = by.email.rpartition("@")[2].lower()
    addresses = {one: one if "@" in one else f"{one}@{domain}" for one in handles if one not in teams}
    here = Person.objects.annotate(address=Lower("email")).filter(address__in=addresses.values(), is_active=True)
    found = {one.email.lower(): one for one in here}
    people = {one: found[address] for one, address in addresses.items() if address in found}
    return Named(people, teams, [one for one in handles if one not in teams and one not in people])


def tell(row: TimelineRow, meant: Named, *, by: Person, now: datetime) -> None:
    """Tell who is named that they are; a later version of the same row tells only whom none before it named."""
    path = f"{reverse('incidents:incident', args=[row.incident_id])}#row-{row.first_id}"
    where = Place(row.incident, str(row.incident), path, key=f"mentioned:{row.first_id}")
    tell_at(where, meant, by=by, now=now)


def tell_at(place: Place, meant: Named, *, by: Person, now: datetime) -> set[int]:
    """The same for words that stand elsewhere; returns who was named, by their numbers."""
    people = _behind(meant)
    unseeing = visible.hides(place.incident, people)
    notifying.tell(
        [one for one in people if one.pk not in unseeing],
        kind=NoticeKind.MENTIONED,
        text=f"{by} named you in {place.called}",
        path=place.path,
        now=now,
        key=place.key,
        besides=by,
    )
    return {one.pk for one in people}


def untold(row: TimelineRow, *, by: Person) -> list[str]:
    """In words: whom a row names that nobody is called, and who may not see the incident and so was not told."""
    return untold_in(row.text, row.incident, by=by)


def untold_in(text: str, incident: Incident, *, by: Person) -> list[str]:
    """The same for any words about an incident."""
    meant = named(text, by=by)
    unseeing = visible.hides(incident, meant.people.values())
    said = [f"Nobody here is called @{handle}: write an e-mail address or a team’s slug." for handle in meant.unknown]
    hidden = [str(one) for one in meant.people.values() if one.pk in unseeing]
    return said + [f"{name} may not see this incident, and was not told." for name in dict.fromkeys(hidden)]


def _behind(meant: Named) -> list[Person]:
    """The people, and the members of the teams."""
    if not meant.people and not meant.teams:
        return []
    wanted = Q(pk__in=[one.pk for one in meant.people.values()])
    teams = [one.pk for one in meant.teams.values()]
    return list(Person.objects.filter(wanted | Q(memberships__team__in=teams), is_active=True).distinct())
