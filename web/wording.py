"""Times, spans and names as people would say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def moment(at: datetime, *, now: datetime) -> str:
    """A time in the viewer's zone: `13:05` today, `3 Aug 13:05` this year, `3 Aug 2024 13:05` before or after it."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return clock
    date = f"{local.day} {local:%b}"
    return f"{date} {clock}" if local.year == today.year else f"{date} {local.year} {clock}"


def day(on: date, *, now: datetime) -> str:
    """A day as a heading: `Today`, `Fri 20 Nov`, with its year unless it is this one."""
    today = timezone.localtime(now).date()
    if on == today:
        return "Today"
    words = f"{on:%a} {on.day} {on:%b}"
    return words if on.year == today.year else f"{words} {on.year}"


def size(count: int) -> str:
    """Bytes as people read them: `840 bytes`, `12 KB`, `3.4 MB`."""
    if count < 1000:
        return f"{count} bytes"
    if count < 1_000_000:
        return f"{count / 1000:.0f} KB"
    return f"{count / 1_000_000:.1f} MB".replace(".0 ", " ")


def utc(at: datetime) -> str:
    """The same time to the second in UTC, for hovering and for machines that read along."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def age(span: timedelta) -> str:
    """How long ago, in one glance: `under 1 min`, `6 min`, `1 h 05`, `3 d`; what lies ahead begins with `in`."""
    seconds = int(span.total_seconds())
    if seconds <= -MINUTE:
        return f"in {age(-span)}"
    if seconds < MINUTE:
        return "under 1 min"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02}"
    return f"{seconds // DAY} d"


@lru_cache(maxsize=1024)
def duration(span: timedelta | None) -> str:
    """How long something took: `42 s`, `37 min`, `1 h 05`, `3 d 4 h`; `not known` without a span."""
    if span is None:
        return "not known"
    seconds = int(span.total_seconds())
    if seconds < 0:
        return f"−{duration(-span)}"
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < DAY:
        return age(span)
    hours = seconds % DAY // HOUR
    return f"{seconds // DAY} d" + (f" {hours} h" if hours else "")


def minutes(count: int) -> str:
    """A span given in minutes, in full words: `45 minutes`, `1 hour`, `1 day 12 hours`."""
    told = []
    for size, word in ((DAY // MINUTE, "day"), (HOUR // MINUTE, "hour"), (1, "minute")):
        many, count = divmod(count, size)
        if many:
            told.append(f"{many} {word}{'s' if many > 1 else ''}")
    return " ".join(told) or "0 minutes"


def tries(count: int) -> str:
    """How often something is tried, the first time included: `1 try`, `3 tries`."""
    return f"{count} {'try' if count == 1 else 'tries'}"


def initials(name: str) -> str:
    """Two letters for a name: of its first and last word, or its first two letters."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return (words[0] if words else "?")[:2].upper()
