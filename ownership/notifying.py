"""The outbox: who is told what. Rows are written in the act's own transaction; `mailing` sends them afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from ownership.models import Notice, Person, Team

LONGEST = 300  # characters of a text, as the column has it


def tell(
    people: Iterable[Person | Team | None],
    *,
    kind: str,
    text: str,
    path: str,
    now: datetime,
    key: str = "",
    besides: Person | None = None,
) -> None:
    """Tell people, each once; a team means its members. Who has left, and `besides` who acts, hears nothing.

    `key` says a thing only once to a person, however often it is told. Two queries for any number of people.
    """
    write([notice(person, kind=kind, text=text, path=path, now=now, key=key) for person in _ids(people, besides)])


def notice(person_id: int, *, kind: str, text: str, path: str, now: datetime, key: str = "") -> Notice:
    """A notice not yet written; without a mail server it is for the page alone."""
    return Notice(
        person_id=person_id,
        kind=kind,
        text=" ".join(text.split())[:LONGEST],  # it becomes the subject of a mail: one line
        path=path[:LONGEST],
        key=key,
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
