"""What an export is made from, and how it writes times and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from incidents.postmortems.queries.review import Review
from ownership.models import Person

Data = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """Which review is exported, for whom, and when."""

    review: Review
    viewer: Person
    now: datetime


def moment(at: datetime | None) -> str | None:
    """A time in UTC as ISO 8601, to the second: `2026-11-20T13:05:00Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None


def person(who: Person | None) -> Data | None:
    """Somebody by name and e-mail."""
    return {"name": who.name, "email": who.email} if who else None
