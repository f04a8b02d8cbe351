"""The outbox: who is told what. Rows are written in the act's own transaction; `mailing` sends them afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q

from ownership.models import Membership, Notice, Person, Team

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
    """Tell people, each once; a team means its members. Who has left, and `besides` who acts, hears nothing.

    `key` says a thing only once to a person, however often it is told. `urgent` breaks quiet hours. Two queries for any
    number of people.
    """
    said: Any = {"kind": kind, "text": text, "path": path, "now": now, "key": key, "urgent": urgent, "act": act}
    write([notice(person, **said) for person in _ids(people, besides)])


def tell_each(things: Collection[Telling], *, kind: str, now: datetime) -> None:
    """Tell several things of one kind at once, each to its people as `tell` does. Three queries for any number."""
    named = {one for thing in things for one in thing.people if one is not None}
    persons = Person.objects.filter(pk__in={one.pk for one in named if isinstance(one, Person)}, is_active=True)
    here = set(persons.values_list("pk", flat=True))
    members: dict[int, set[int]] = defaultdict(set)
    teams = {one.pk for one in named if isinstance(one, Team)}
    of_teams = Membership.objects.filter(team__in=teams, person__is_active=True)
    for team, person in of_teams.values_list("team", "person"):
        members[team].add(person)
    write(
        [
            notice(person, kind=kind, text=thing.text, path=thing.path, now=now, urgent=thing.urgent, act=thing.act)
            for thing in things
            for person in sorted(_behind(thing.people, here, members))
        ]
    )


def notice(
    person_id: int,
    *,
    kind: str,
    text: str,
    path: str,
    now: datetime,
    key: str = "",
    urgent: bool = False,
    act: Act | None = None,
) -> Notice:
    """A notice not yet written; without a mail server it is for the page alone."""
    return Notice(
        person_id=person_id,
        kind=kind,
        text=" ".join(text.split())[:LONGEST],  # it becomes the subject of a mail: one line
        path=path[:LONGEST],
        key=key,
        urgent=urgent,
        act_label=act.label if act else "",
        act_path=act.path if act else "",
        made_at=now,
        next_try_at=now if settings.EMAIL_CONFIGURED else None,
    )


def write(notices: Collection[Notice]) -> None:
    """Write them in one statement a thousand; what somebody was told under the same key before is dropped."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=1_000)


def mark_seen(person: Person, *, now: datetime) -> int:
    """They have read what they were told, so no mail needs to say it; returns how many were new."""
    unseen = Notice.objects.filter(person=person, seen_at=None)
    return unseen.update(seen_at=now, next_try_at=None)


def _ids(people: Iterable[Person | Team | None], besides: Person | None) -> list[int]:
    named = [one for one in people if one is not None]
    persons = [one.pk for one in named if isinstance(one, Person)]
    teams = [one.pk for one in named if isinstance(one, Team)]
    if not named:
        return []
    found = Person.objects.filter(Q(pk__in=persons) | Q(memberships__team__in=teams), is_active=True)
    return sorted(set(found.values_list("pk", flat=True)) - {besides.pk if besides else 0})


def _behind(people: Iterable[Person | Team | None], here: set[int], members: Mapping[int, set[int]]) -> set[int]:
    """Those of `here` who are meant, and the members of the teams."""
    found: set[int] = set()
    for one in people:
        if isinstance(one, Team):
            found |= members.get(one.pk, set())
        elif one is not None and one.pk in here:
            found.add(one.pk)
    return found
