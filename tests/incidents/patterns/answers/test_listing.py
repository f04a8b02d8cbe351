"""A few incidents on an axis of months: each once, in its month, and counts alone in the sentence above."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers.listing import Entry, listing
from incidents.patterns.window import add_months
from incidents.response.vocabulary import Layer

FIRST, LAST = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
MONTHS = tuple(add_months(date(2025, 12, 1), place) for place in range(12))


def entry(number: int, at: datetime, *layers: str) -> Entry:
    return Entry(number, f"Incident {number}", "sev2", "Answers", "answers", at, False, layers, "Ada answers")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


entries = st.lists(
    st.tuples(
        st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)),
        st.lists(st.sampled_from(Layer.values), unique=True, max_size=3),
    ),
    max_size=29,
).map(lambda rows: [entry(place, when.replace(tzinfo=UTC), *of) for place, (when, of) in enumerate(rows, 1)])


@given(entries)
def test_each_incident_stands_once_newest_first_and_every_month_is_covered(given_: list[Entry]) -> None:
    shown = listing(given_, MONTHS, period="in 12 months")
    told = [one for stretch in shown.stretches for one in stretch.entries]
    assert sorted(one.number for one in told) == sorted(one.number for one in given_)
    assert [one.detected_at for one in told] == sorted((one.detected_at for one in given_), reverse=True)
    covered = [
        month for stretch in reversed(shown.stretches) for month in MONTHS if stretch.first <= month <= stretch.last
    ]
    assert covered == list(MONTHS)
    assert [one.first for one in shown.axis] == list(MONTHS)
    assert sum(len(one.entries) for one in shown.axis) == len(given_)


@given(entries)
def test_a_gap_is_as_long_as_it_can_be(given_: list[Entry]) -> None:
    empty = [not stretch.entries for stretch in listing(given_, MONTHS, period="").stretches]
    assert not any(one and other for one, other in pairwise(empty))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([], "No incidents in 12 months."),
        ([()], "1 incident in 12 months; nothing was found in any of them yet."),
        ([("data",)], "1 incident in 12 months. Found: data in 1."),
        (
            [("data", "org"), ("data",), ()],
            "3 incidents in 12 months. Found: data in 2, org in 1 and nothing yet in 1.",
        ),
        ([("org",), ("data",)], "2 incidents in 12 months. Found: org in 1 and data in 1."),
    ],
)
def test_the_sentence_counts_and_infers_nothing(found: list[tuple[str, ...]], says: str) -> None:
    rows = [entry(place, at("2026-03-02"), *layers) for place, layers in enumerate(found)]
    assert listing(rows, MONTHS, period="in 12 months").headline == says


def test_the_month_is_that_of_utc() -> None:
    late = datetime(2026, 4, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    (_, march, _) = listing([entry(1, late)], MONTHS, period="").stretches
    assert march.words == "March 2026"


def test_months_without_incidents_are_told_as_one_gap() -> None:
    shown = listing([entry(1, at("2026-03-02"), "data")], MONTHS, period="")
    assert [stretch.words for stretch in shown.stretches] == [
        "April to November 2026",
        "March 2026",
        "December 2025 to February 2026",
    ]


def test_the_mark_is_of_the_first_layer_told_or_of_none() -> None:
    assert entry(1, at("2026-03-02"), "org", "data").layer == "org"
    assert entry(1, at("2026-03-02")).layer == ""


def test_too_many_months_leave_the_list_without_its_axis() -> None:
    months = tuple(add_months(date(2024, 1, 1), place) for place in range(25))
    shown = listing([entry(1, at("2024-03-02"))], months, period="")
    assert shown.axis == ()
    assert len(shown.stretches) == 3
