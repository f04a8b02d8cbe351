"""Days on which people work, Monday to Friday by somebody's own clock. Pure; public holidays are nobody's here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MORNING = 8  # o'clock; what is due on a day is said from then on
DAY = timedelta(days=1)
SATURDAY = 5


def is_workday(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < SATURDAY


def after(day: date, count: int) -> date:
    """The working day that is `count` working days after `day`: five after a Thursday is the next Thursday."""
    while count:
        day += DAY
        count -= is_workday(day)
    return day


def today(now: datetime, zone: ZoneInfo) -> date | None:
    """The day there, from MORNING on; None before that and on weekends, when nobody is reminded."""
    wall = now.astimezone(zone)
    return wall.date() if wall.hour >= MORNING and is_workday(wall.date()) else None
