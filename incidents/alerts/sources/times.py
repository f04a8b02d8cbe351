"""The senders' times."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:?\d{2})")
FIRST_YEAR, LAST_YEAR = 1970, 9998  # a year at either end of the calendar overflows in another zone


def rfc3339(value: object) -> datetime | None:
    """An RFC 3339 time in UTC; None for none, for a zero time (year 1) and for what is no such time.

    Offsets and up to nine digits of a second are read, and cut to microseconds.
    """
    if not isinstance(value, str) or not _RFC3339.fullmatch(value.strip()):
        return None
    if not FIRST_YEAR <= int(value.strip()[:4]) <= LAST_YEAR:
        return None  # before any conversion: year 1 overflows west of Greenwich
    try:
        return datetime.fromisoformat(value.strip().upper()).astimezone(UTC)
    except ValueError:
        return None
