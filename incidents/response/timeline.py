"""The timeline: every act writes its row here, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from incidents.response.models import Incident, TimelineRow
from ownership.models import Person


def row(
    incident: Incident,
    kind: str,
    *,
    at: datetime,
    now: datetime,
    by: Person | None = None,
    text: str = "",
    why: str = "",
    data: dict[str, Any] | None = None,
) -> TimelineRow:
    """A row not yet saved: `at` is when it happened, `now` when we learnt of it."""
    return TimelineRow(incident=incident, kind=kind, at=at, recorded_at=now, by=by, text=text, why=why, data=data or {})


def add(incident: Incident, kind: str, *, at: datetime, now: datetime, **said: Any) -> TimelineRow:
    """Write one row; takes what `row` takes."""
    new = row(incident, kind, at=at, now=now, **said)
    new.save(force_insert=True)
    return new


def add_all(rows: Iterable[TimelineRow]) -> list[TimelineRow]:
    """Write many rows in one statement."""
    return TimelineRow.objects.bulk_create(rows)
