"""Timeline rows that name another incident: who may not see that one reads neither its number nor a way to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import visible
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person

ANOTHER = "another incident"
NAMING = (TimelineKind.LINKED, TimelineKind.MERGED, TimelineKind.ALERT_MOVED)  # their text says its number


def other(row: TimelineRow) -> int | None:
    """The other incident that a row names."""
    said = row.data.get("incident")
    return said if isinstance(said, int) else None


def seen(viewer: Person, rows: Iterable[TimelineRow]) -> set[int]:
    """The incidents that these rows name and the viewer may see; one query, none when they name none."""
    return visible.among(viewer, {number for row in rows if (number := other(row)) is not None})


def open_to_all(rows: Iterable[TimelineRow]) -> set[int]:
    """Those of the incidents that these rows name that are not private: for what everybody reads; one query."""
    named = {number for row in rows if (number := other(row)) is not None}
    return set(Incident.objects.filter(pk__in=named, private=False).values_list("pk", flat=True)) if named else set()


def naming_seen(rows: QuerySet[TimelineRow], viewer: Person) -> QuerySet[TimelineRow]:
    """Without the rows whose text names an incident that the viewer may not see: they are not found by its number."""
    number = Cast(KeyTextTransform("incident", OuterRef("data")), BigIntegerField())
    return rows.filter(~Q(kind__in=NAMING) | Exists(visible.to(viewer).filter(pk=number)))


def text(row: TimelineRow, seen: Collection[int]) -> str:
    """The row's text, as somebody reads it who may see the incidents in `seen`."""
    return _without(row.text, other(row), seen)


def redacted(row: TimelineRow, seen: Collection[int]) -> TimelineRow:
    """The row as somebody may read it who may see the incidents in `seen`; for showing, never saved."""
    number = other(row)
    if number is not None and number not in seen:
        row.text, row.why = text(row, seen), _without(row.why, number, seen)
        row.data = {name: value for name, value in row.data.items() if name not in {"incident", "merge", "link"}}
    return row


def _without(said: str, number: int | None, seen: Collection[int]) -> str:
    if number is None or number in seen:
        return said
    return re.sub(rf"\bINC-{number}\b", ANOTHER, said)
