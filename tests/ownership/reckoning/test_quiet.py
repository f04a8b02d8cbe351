"""Quiet hours by the clock on the wall: nights, weekends, and the two nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ownership.reckoning.quiet import Hours, ends_at, is_quiet

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 1, 1, tzinfo=UTC)
EVERY_DAY = range(7)
NIGHTS = Hours(BERLIN, time(22), time(7), EVERY_DAY)
OFFICE = Hours(BERLIN, time(22), time(7), range(5), whole_days=(5, 6))  # weekday nights, and the weekend


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "at", "end"),
    [
        (NIGHTS, "2026-11-20 21:59", None),
        (NIGHTS, "2026-11-20 22:00", "2026-11-21 07:00"),
        (NIGHTS, "2026-11-21 06:59", "2026-11-21 07:00"),
        (NIGHTS, "2026-11-21 07:00", None),
        (OFFICE, "2026-11-19 23:00", "2026-11-20 07:00"),  # Thursday
        (OFFICE, "2026-11-20 23:00", "2026-11-23 00:00"),  # Friday night runs into the weekend
        (OFFICE, "2026-11-22 12:00", "2026-11-23 00:00"),  # Sunday night is nobody's: Sunday's hours are not ticked
        (Hours(BERLIN, time(12), time(13, 30), [0]), "2026-11-23 12:10", "2026-11-23 13:30"),
        (Hours(BERLIN, time(12), time(13, 30), [0]), "2026-11-24 12:10", None),
        (Hours(BERLIN, time(22), time(7), [6]), "2026-11-23 05:00", "2026-11-23 07:00"),  # began on Sunday
        (Hours(BERLIN, time(22), time(7), [0]), "2026-11-23 05:00", None),
        (Hours(BERLIN, whole_days=[6]), "2026-11-22 00:00", "2026-11-23 00:00"),
        (Hours(BERLIN), "2026-11-22 00:00", None),
    ],
)
def test_when_it_ends(hours: Hours, at: str, end: str | None) -> None:
    assert ends_at(hours, berlin(at)) == (berlin(end) if end else None)
    assert is_quiet(hours, berlin(at)) == (end is not None)


def test_a_night_is_as_long_as_the_clock_makes_it() -> None:
    """22:00 to 07:00 is nine hours, eight when clocks go forward (29 March), ten when they go back"""
    for day, long in (("2026-03-28", 8), ("2026-10-24", 10), ("2026-11-20", 9)):
        begin = berlin(f"{day} 22:00")
        end = ends_at(NIGHTS, begin)
        assert end is not None
        assert end - begin == timedelta(hours=long)


def test_an_hour_that_comes_twice_is_quiet_twice() -> None:
    """02:00 to 03:00 is shown twice on 25 October 2026."""
    hours = Hours(BERLIN, time(22), time(2, 30), EVERY_DAY)
    first, second = berlin("2026-10-25 02:30"), berlin("2026-10-25 02:30", fold=1)
    assert second - first == timedelta(hours=1)
    assert ends_at(hours, berlin("2026-10-25 01:00")) == first  # it is 02:30 for the first time: over
    assert ends_at(hours, berlin("2026-10-25 02:10", fold=1)) == second  # and for half an hour it is quiet once more
    assert not is_quiet(hours, second)


def test_an_end_in_an_hour_that_is_skipped_counts_as_the_hour_after() -> None:
    hours = Hours(BERLIN, time(22), time(2, 30), EVERY_DAY)
    assert ends_at(hours, berlin("2026-03-29 01:30")) == berlin("2026-03-29 03:30")


def test_there_is_an_end_even_where_it_is_always_quiet() -> None:
    at = berlin("2026-11-20 12:00")
    assert ends_at(Hours(BERLIN, whole_days=EVERY_DAY), at) == at + timedelta(days=7)


ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")]
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
days = st.sets(st.integers(0, 6), max_size=6)


@given(
    st.builds(Hours, st.sampled_from(ZONES), clocks, clocks, days, days),
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
)
def test_the_end_is_later_not_quiet_and_all_before_it_is(hours: Hours, at: datetime) -> None:
    end = ends_at(hours, at)
    assert (end is None) == (not is_quiet(hours, at))
    if end is None or end == at + timedelta(days=7):
        return
    assert end > at
    assert not is_quiet(hours, end)
    skipped = timedelta(hours=1)  # the hour that a clock skips is the only one that an end may be late by
    step = (end - skipped - at) / 50
    if step > timedelta(0):
        assert all(is_quiet(hours, at + number * step) for number in range(50))
