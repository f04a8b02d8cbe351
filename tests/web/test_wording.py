from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from web import wording

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "words"),
    [
        (datetime(2026, 11, 22, 13, 5, tzinfo=UTC), "UTC", "13:05"),
        (datetime(2026, 8, 3, 13, 5, tzinfo=UTC), "UTC", "3 Aug 13:05"),
        (datetime(2024, 8, 3, 13, 5, tzinfo=UTC), "UTC", "3 Aug 2024 13:05"),
        (datetime(2027, 1, 2, 9, 0, tzinfo=UTC), "UTC", "2 Jan 2027 09:00"),
        # In Berlin it is past midnight already: what was today in UTC is yesterday's date there.
        (datetime(2026, 11, 22, 13, 5, tzinfo=UTC), "Europe/Berlin", "22 Nov 14:05"),
        (datetime(2026, 11, 22, 23, 5, tzinfo=UTC), "Europe/Berlin", "00:05"),
    ],
)
def test_moment_is_as_short_as_the_viewers_day_allows(at, zone, words):
    with timezone.override(ZoneInfo(zone)):
        assert wording.moment(at, now=NOW) == words


def test_utc_is_exact_whatever_the_zone():
    at = datetime(2026, 11, 22, 14, 5, 7, tzinfo=ZoneInfo("Europe/Berlin"))
    assert wording.utc(at) == "2026-11-22 13:05:07 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under 1 min"),
        (59, "under 1 min"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 00"),
        (3900, "1 h 05"),
        (86399, "23 h 59"),
        (86400, "1 d"),
        (86400 * 112, "112 d"),
        (-59, "under 1 min"),
        (-300, "in 5 min"),
    ],
)
def test_age(seconds, words):
    assert wording.age(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (None, "not known"),
        (timedelta(0), "0 s"),
        (timedelta(seconds=42), "42 s"),
        (timedelta(minutes=37), "37 min"),
        (timedelta(hours=1, minutes=5), "1 h 05"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
        (timedelta(days=2), "2 d"),
        (timedelta(minutes=-5), "−5 min"),
    ],
)
def test_duration(span, words):
    assert wording.duration(span) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Priya Nair", "PN"),
        ("Tomás de la Brandt", "TB"),
        ("maya@example.org", "MO"),
        ("Search", "SE"),
        ("", "?"),
        ("  ", "?"),
    ],
)
def test_initials(name, letters):
    assert wording.initials(name) == letters


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 minutes"), (1, "1 minute"), (60, "1 hour"), (90, "1 hour 30 minutes"), (1440, "1 day"),
        (2881, "2 days 1 minute"),
    ],
)  # fmt: skip
def test_minutes_are_told_in_full_words(count: int, words: str) -> None:
    assert wording.minutes(count) == words


@pytest.mark.parametrize(("count", "words"), [(1, "1 try"), (2, "2 tries")])
def test_how_often_something_is_tried(count: int, words: str) -> None:
    assert wording.tries(count) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (12_400, "12 KB"), (3_440_000, "3.4 MB"), (10_000_000, "10 MB")],
)
def test_sizes_are_read_at_a_glance(count: int, words: str) -> None:
    assert wording.size(count) == words


def test_a_day_is_headed_by_its_name_and_a_year_when_it_is_another() -> None:
    now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    days = (date(2026, 11, 20), date(2026, 3, 1), date(2025, 12, 31))
    assert [wording.day(day, now=now) for day in days] == ["Today", "Sun 1 Mar", "Wed 31 Dec 2025"]
