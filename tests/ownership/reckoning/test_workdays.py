"""Working days, over weekends, over the days when clocks change, on either side of the date line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ownership.reckoning import workdays

THURSDAY = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("day", "count", "after"),
    [
        (THURSDAY, 0, THURSDAY),
        (THURSDAY, 1, date(2026, 11, 20)),
        (THURSDAY, 2, date(2026, 11, 23)),
        (THURSDAY, 5, date(2026, 11, 26)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # a Saturday
        (date(2026, 12, 30), 3, date(2027, 1, 4)),
    ],
)
def test_so_many_working_days_later(day: date, count: int, after: date) -> None:
    assert workdays.after(day, count) == after


@pytest.mark.parametrize(
    ("now", "zone", "today"),
    [
        (datetime(2026, 11, 20, 7, 59, tzinfo=UTC), "UTC", None),
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), "UTC", date(2026, 11, 20)),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), "UTC", None),
        (datetime(2026, 11, 22, 20, 0, tzinfo=UTC), "Pacific/Auckland", date(2026, 11, 23)),  # Monday there
        (datetime(2026, 11, 23, 10, 0, tzinfo=UTC), "America/Los_Angeles", None),  # two at night
        (datetime(2026, 10, 23, 6, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 10, 23)),  # eight, in summer time
        (datetime(2026, 10, 26, 6, 30, tzinfo=UTC), "Europe/Berlin", None),  # and seven, the Monday after
        (datetime(2026, 10, 26, 7, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 10, 26)),
    ],
)
def test_today_begins_in_the_morning_of_a_working_day(now: datetime, zone: str, today: date | None) -> None:
    assert workdays.today(now, ZoneInfo(zone)) == today
