"""The senders' times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:?\d{2})")
_NAIVE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?")
_COMPACT = re.compile(r"(\d{8}T\d{6})(?:\.(\d{1,9}))?Z")
_NUMBER = re.compile(r"\d{9,19}(?:\.\d{1,9})?")
_RFC1123 = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:GMT|UTC|[+-]\d{4})")
FIRST_YEAR, LAST_YEAR = 1970, 9998  # a year at either end of the calendar overflows in another zone
LONGEST = 40
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
# An epoch's unit shows in its magnitude: seconds up to 1e11 (the year 5138), then milli-, micro- and nanoseconds.
UNITS = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))


def rfc3339(value: object) -> datetime | None:
    """An RFC 3339 time in UTC; None for none, for a zero time (year 1) and for what is no such time.

    Offsets and up to nine digits of a second are read, and cut to microseconds.
    """
    return _rfc3339(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)  # a sender says each of its times again and again
def _rfc3339(value: str) -> datetime | None:
    return _converted(value.strip().upper()) if _RFC3339.fullmatch(value.strip()) else None


def utc(value: object) -> datetime | None:
    """The same for fields that are UTC by their sender's documentation, and may leave the zone out."""
    if isinstance(value, str) and _NAIVE.fullmatch(value.strip()):
        return _converted(f"{value.strip().upper()}Z")
    if isinstance(value, str) and (compact := _COMPACT.fullmatch(value.strip())):
        return _converted(f"{compact[1]}.{(compact[2] or '0')[:6].ljust(6, '0')}Z")
    return rfc3339(value)


def epoch(value: object, *, received_at: datetime) -> datetime | None:
    """Seconds, milli-, micro- or nanoseconds since 1970, as a number or a text; the unit shows in the magnitude.

    None for what lies before 2000 or more than a day after the receipt: that is no time, or one in a wrong unit.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        whole, _, rest = value.strip().partition(".")
    elif isinstance(value, int) and not isinstance(value, bool):
        whole, rest = (str(value) if 0 <= value < 10**20 else ""), ""
    elif isinstance(value, float) and 0 <= value < 10**20:
        whole, _, rest = f"{value:.6f}".partition(".")
    else:
        return None
    if not whole:
        return None
    unit = next((unit for below, unit in UNITS if int(whole) < below), 10**9)
    micros = int(f"{whole}{rest[:6].ljust(6, '0')}") // unit
    found = EPOCH + timedelta(microseconds=micros)
    return found if FIRST_EPOCH <= found <= received_at + AHEAD else None


def moment(value: object, *, received_at: datetime) -> datetime | None:
    """Any of these: RFC 3339, RFC 1123, an epoch; None for a time without a zone, since nobody knows which it is in."""
    found = rfc3339(value) or epoch(value, received_at=received_at)
    if found is None and isinstance(value, str) and len(value) <= LONGEST and _RFC1123.fullmatch(value.strip()):
        try:
            dated = parsedate_to_datetime(value.strip())
        except ValueError:
            return None
        return dated.astimezone(UTC) if FIRST_YEAR <= dated.year <= LAST_YEAR else None
    return found


def _converted(value: str) -> datetime | None:
    if not FIRST_YEAR <= int(value[:4]) <= LAST_YEAR:
        return None  # before any conversion: year 1 overflows west of Greenwich
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        return None
