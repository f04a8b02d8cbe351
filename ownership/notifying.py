"""Who is told what. Rows are written in the act's own transaction; `gathering` and `sending` bring them out later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import FilteredRelation, Q

from ownership.models import Channel, Membership, Notice, Person, Team

LONGEST = 300  # characters of a text, as the column has it


@dataclass(frozen=True)
class Act:
    """What a message offers to do at once, beside the page that it is about: a label and a signed path here."""

    label: str
    path: str


@dataclass(frozen=True)
class Telling:
    """One thing that several people are told."""

    people: Sequence[Person | Team | None]
    text: str
    path: str
    urgent: bool = False
    act: Act | None = None


def tell(
    people: Iterable[Person | Team | None],
    *,
    kind: str,
    text: str,
    path: str,
    now: datetime,
    key: str = "",
    besides: Person | None = None,
    urgent: bool = False,
    act: Act | None = None,
) -> None:
    """Tell people, each once; a team means its members and its channels. Who has left, and `besides` who acts, hears
    nothing.

    `key` says a thing only once to a reader, however often it is told. `urgent` breaks quiet hours. Two queries for any
    number of people, one more when a team is among them.
    """
    said: Any = {"kind": kind, "text": text, "path": path, "now": now, "key": key, "urgent": urgent, "act": act}
    named = [one for one in people if one is not None]
    teams = {one.pk for one in named if isinstance(one, Team)}
    persons = {one.pk for one in named if isinstance(one, Person)}
    via = _readers(persons, teams) if named else {}
    told = [notice(person, via=team, **said) for person, team in via.items() if besides is None or person != besides.pk]
    write(told + [notice(None, team=team, **said) for team in with_channels(teams)])


def tell_each(things: Collection[Telling], *, kind: str, now: datetime) -> None:
    """Tell several things of one kind at once, each to its readers as `tell` does. Four queries for any number."""
    named = {one for thing in things for one in thing.people if one is not None}
    persons = Person.objects.filter(pk__in={one.pk for one in named if isinstance(one, Person)}, is_active=True)
    here = set(persons.values_list("pk", flat=True))
    members: dict[int, set[int]] = defaultdict(set)
    teams = {one.pk for one in named if isinstance(one, Team)}
    of_teams = Membership.objects.filter(team__in=teams, person__is_active=True)
    for team, person in of_teams.values_list("team", "person"):
        members[team].add(person)
    reached = set(with_channels(teams))
    notices = []
    for thing in things:
        said: Any = {"kind": kind, "text": thing.text, "path": thing.path, "now": now}
        said |= {"urgent": thing.urgent, "act": thing.act}
        via = _behind(thing.people, here, members)
        notices += [notice(person, via=team, **said) for person, team in sorted(via.items())]
        meant = {one.pk for one in thing.people if isinstance(one, Team)}
        notices += [notice(None, team=team, **said) for team in sorted(meant & reached)]
    write(notices)


def notice(
    person_id: int | None,
    *,
    kind: str,
    text: str,
    path: str,
    now: datetime,
    key: str = "",
    urgent: bool = False,
    act: Act | None = None,
    team: int | None = None,
    via: int | None = None,
) -> Notice:
    """A notice not yet written, to a person, or to the channels of a `team`.

    `via` says of which team a person is told as a member: where that team's own channel says it, no mail does.
    """
    return Notice(
        person_id=person_id,
        team_id=team,
        via_id=via,
        kind=kind,
        text=" ".join(text.split())[:LONGEST],  # it becomes the subject of a mail: one line
        path=path[:LONGEST],
        key=key,
        urgent=urgent,
        act_label=act.label if act else "",
        act_path=act.path if act else "",
        made_at=now,
        due_at=now,
    )


def write(notices: Collection[Notice]) -> None:
    """Write them in one statement a thousand; what somebody was told under the same key before is dropped."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=1_000)


def told_below(path: str) -> list[Notice]:
    """What anybody was told of this page and those below it; its number and its reader. One query."""
    return list(Notice.objects.filter(path__startswith=path).only("pk", "person"))


def take_back(numbers: Iterable[int]) -> None:
    """Nobody is told these any more; what went out already stays where it went. One query."""
    Notice.objects.filter(pk__in=list(numbers)).delete()


def mark_seen(person: Person, *, now: datetime) -> int:
    """They have read what they were told, so no message needs to say it; returns how many were new."""
    unseen = Notice.objects.filter(person=person, seen_at=None)
    return unseen.update(seen_at=now, due_at=None)


def with_channels(teams: Collection[int]) -> list[int]:
    """Those of the teams that have a channel of their own; one query when there are teams."""
    if not teams:
        return []
    reached = Channel.objects.filter(team__in=teams, enabled=True, team__dissolved_at=None)
    return sorted(set(reached.values_list("team", flat=True)))


def _readers(persons: Collection[int], teams: Collection[int]) -> dict[int, int | None]:
    """Who is meant and here: persons by themselves, members through their team. One query."""
    of_teams = FilteredRelation("memberships", condition=Q(memberships__team__in=teams or [0]))  # never of nothing
    meant = Person.objects.annotate(of=of_teams).filter(Q(pk__in=persons) | Q(of__isnull=False), is_active=True)
    found: dict[int, int | None] = {}
    for person, team in meant.order_by("pk", "of__team").values_list("pk", "of__team"):
        _add(found, person, None if person in persons else team)
    return found


def _behind(
    people: Iterable[Person | Team | None], here: set[int], members: Mapping[int, set[int]]
) -> dict[int, int | None]:
    """Those of `here` who are meant, and the members of the teams, each with the team through which alone."""
    found: dict[int, int | None] = {}
    for one in people:
        if isinstance(one, Team):
            for member in members.get(one.pk, ()):
                _add(found, member, one.pk)
        elif one is not None and one.pk in here:
            _add(found, one.pk, None)
    return found


def _add(found: dict[int, int | None], person: int, team: int | None) -> None:
    """Who is told by themselves, or through more than one team, is not told through a team alone."""
    found[person] = team if found.get(person, team) == team else None
