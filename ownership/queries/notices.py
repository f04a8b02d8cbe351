"""Reads of what people were told, and the two small numbers that every page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from ownership.models import Handover, Notice, Person
from ownership.queries import confirmations, handovers
from web.pagination import slice_of

SHOWN = 6


@dataclass(frozen=True)
class NoticeList:
    """A page of notices, newest first, and the cursor of the next."""

    rows: Sequence[Notice]
    following: str | None


def of(person: Person) -> QuerySet[Notice]:
    """What a person was told."""
    return Notice.objects.filter(person=person)


def latest(person: Person) -> list[Notice]:
    """The SHOWN latest, unseen first; one query."""
    return list(of(person).order_by(F("seen_at").desc(nulls_first=True), "-pk")[:SHOWN])


def listed(person: Person, *, after: str | None = None) -> NoticeList:
    """A page of all that a person was told; one query."""
    shown = slice_of(of(person), keys=("-pk",), after=after)
    return NoticeList(shown.rows, shown.following)


def waiting_count(viewer: Person) -> int:
    """How much waits for the viewer's answer now: hand-overs, and a first yes to what others put them down for."""
    return _counted(viewer)[0]


def unseen_count(viewer: Person) -> int:
    """How many notices the viewer has not seen."""
    return _counted(viewer)[1]


def _counted(viewer: Any) -> tuple[int, int]:
    """Both numbers in one query, kept on the viewer for the rest of the request."""
    counted: tuple[int, int] | None = getattr(viewer, "counted", None)  # behind request.user's lazy wrapper, too
    if counted is None:
        now = timezone.now()
        waiting = Handover.objects.filter(handovers.waits_for(viewer, at=now))
        asked = confirmations.first_asked(viewer, at=now)
        unseen = Notice.objects.filter(person=OuterRef("pk"), seen_at=None)
        numbers = Person.objects.filter(pk=viewer.pk).values_list(
            _number_of(waiting) + _number_of(asked), _number_of(unseen)
        )
        counted = viewer.counted = numbers.get()
    return counted


def _number_of(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values(one=Value(1)).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
