"""Quiet hours by somebody's own clock: whether it is quiet, and until when. Pure.

Everything is decided by what the clock on the wall shows, so that a night stays a night when the clocks change: an hour
that comes twice is quiet twice, and an end in an hour that is skipped counts as the hour after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """`begins` and `ends` by the clock of `zone`, on the days (0 is Monday) when they begin; and days quiet throughout.

    An end that is earlier than the beginning is on the next day.
    """

    zone: ZoneInfo
    begins: time | None = None
    ends: time | None = None
    days: Collection[int] = ()
    whole_days: Collection[int] = ()


def is_quiet(hours: Hours, at: datetime) -> bool:
    """Whether the wall clock shows a quiet time at an instant."""
    wall = at.astimezone(hours.zone).replace(tzinfo=None)
    if wall.weekday() in hours.whole_days:
        return True
    if hours.begins is None or hours.ends is None:
        return False
    if hours.begins < hours.ends:
        return wall.weekday() in hours.days and hours.begins <= wall.time() < hours.ends
    late = wall.weekday() in hours.days and wall.time() >= hours.begins
    return late or ((wall - DAY).weekday() in hours.days and wall.time() < hours.ends)


def ends_at(hours: Hours, at: datetime) -> datetime | None:
    """The instant (UTC) at which the quiet around `at` ends; None when it is not quiet. Days on end are one."""
    if not is_quiet(hours, at):
        return None
    return next((end for end in sorted(_ends(hours, at)) if end > at and not is_quiet(hours, end)), at + 7 * DAY)


def _ends(hours: Hours, at: datetime) -> Iterator[datetime]:
    """When quiet may end in the next nine days: midnights and ends, twice where the clock is put back."""
    first = at.astimezone(hours.zone).date() - DAY
    clocks = [time.min, *([hours.ends] if hours.ends else [])]
    for number in range(11):
        for clock in clocks:
            yield from _instants(first + number * DAY, clock, hours.zone)


def _instants(day: date, clock: time, zone: ZoneInfo) -> Iterator[datetime]:
    for fold in (0, 1):
        yield datetime.combine(day, clock, tzinfo=zone).replace(fold=fold).astimezone(UTC)
