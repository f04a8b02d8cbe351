"""The period, the filters and the instant, read from the URL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.selection import NAMES, Selection
from incidents.patterns.window import FILTERS, MOST_MONTHS, NO_SERVICE, SPANS, Window, add_months
from tests.incidents.patterns.factories import NOW, month, window

LAYERS = ("data", "integration", "model")


def days(shown: Window) -> tuple[str, str]:
    return shown.first_day.isoformat(), shown.last_day.isoformat()


def test_without_a_query_it_is_the_last_twelve_months_with_the_current_one() -> None:
    shown = window()
    assert (shown.span, days(shown), shown.problems) == (12, ("2025-12-01", "2026-11-30"), ())
    assert shown.months[0] == date(2025, 12, 1)
    assert shown.months[-1] == date(2026, 11, 1)
    assert shown.period == "in 12 months"
    assert shown.as_of == NOW


@pytest.mark.parametrize("span", SPANS)
def test_a_span_covers_as_many_months(span: int) -> None:
    shown = window(months=str(span))
    assert len(shown.months) == span
    assert shown.problems == ()


@pytest.mark.parametrize("text", ["7", "0", "-12", "x", "1e3", "١٢"])
def test_another_span_falls_back_and_says_so(text: str) -> None:
    shown = window(months=text)
    assert shown.span == 12
    assert [(problem.field, problem.message) for problem in shown.problems] == [
        ("months", "months is one of 3, 6, 12 or 24; for other times use from and to.")
    ]


@pytest.mark.parametrize(
    ("first", "last", "covered", "period"),
    [
        ("2026-03-10", "2026-05-20", ("2026-03-10", "2026-05-20"), "from 10 Mar to 20 May 2026"),
        ("2025-12-31", "2026-01-01", ("2025-12-31", "2026-01-01"), "from 31 Dec 2025 to 1 Jan 2026"),
        ("2026-03", "2026-05", ("2026-03-01", "2026-05-31"), "from 1 Mar to 31 May 2026"),
        ("2024-02", "2024-02", ("2024-02-01", "2024-02-29"), "in February 2024"),
        ("2026-05-20", "2026-05-20", ("2026-05-20", "2026-05-20"), "from 20 May to 20 May 2026"),
        ("2026-05-20", "", ("2026-05-20", "2026-11-30"), "from 20 May to 30 Nov 2026"),
        ("", "2026-02-10", ("2025-03-01", "2026-02-10"), "from 1 Mar 2025 to 10 Feb 2026"),
        ("2026-05-20", "2031-01-01", ("2026-05-20", "2026-11-30"), "from 20 May to 30 Nov 2026"),
    ],
)
def test_days_are_covered_from_the_first_to_the_last(
    first: str, last: str, covered: tuple[str, str], period: str
) -> None:
    shown = window(from_=first, to=last, months="3")
    assert (days(shown), shown.period, shown.span, shown.problems) == (covered, period, None, ())


@pytest.mark.parametrize(
    ("first", "last", "field", "words"),
    [
        ("31.12.2025", "", "from", "“31.12.2025” is not a day: write from as 2026-11-20."),
        ("2026-02-30", "", "from", "“2026-02-30” is not a day: write from as 2026-11-20."),
        ("", "2026-13", "to", "“2026-13” is not a day: write to as 2026-11-20."),
        ("0001-01-01", "", "from", "“0001-01-01” is not a day: write from as 2026-11-20."),
        ("", "9999-12-31", "to", "“9999-12-31” is not a day: write to as 2026-11-20."),
        ("2026-05-02", "2026-05-01", "from", "from lies after to: swap the two days."),
        ("2026-12-01", "", "from", "2026-12-01 lies in the future."),
        ("2010-01-01", "2026-01-01", "from", "That is more than 120 months: choose a later from."),
    ],
)
def test_days_that_cannot_be_used_fall_back_and_say_why(first: str, last: str, field: str, words: str) -> None:
    shown = window(from_=first, to=last)
    assert shown.span == 12
    assert [(problem.field, problem.message) for problem in shown.problems] == [(field, words)]


def test_two_wrong_days_are_both_told() -> None:
    assert [problem.field for problem in window(from_="x", to="y").problems] == ["from", "to"]


def test_now_in_another_zone_is_read_in_utc() -> None:
    kiritimati = timezone(timedelta(hours=14))
    assert window(datetime(2026, 12, 1, 3, tzinfo=kiritimati)).months[-1] == date(2026, 11, 1)


def test_partial_months_are_those_cut_by_a_day_or_by_the_clock() -> None:
    assert window().partial == (month("2026-11"),)
    assert window(from_="2026-03-10", to="2026-05-20").partial == (month("2026-03"), month("2026-05"))
    assert window(from_="2026-03", to="2026-05").partial == ()


KNOWN = {"service": ["support-answers", NO_SERVICE], "severity": ["sev1"], "tier": ["tier1"]}


def test_an_unknown_service_falls_back_to_all_and_says_so() -> None:
    shown = window(service="nope").among(KNOWN)
    assert shown.service == ""
    assert [problem.field for problem in shown.problems] == ["service"]
    assert window(service="support-answers").among(KNOWN).service == "support-answers"
    assert window(service="-").among(KNOWN).problems == ()


def test_of_several_filters_only_the_unknown_ones_are_left_out() -> None:
    shown = window(service="support-answers", severity="loud", tier="tier1").among(KNOWN)
    assert shown.filters.query() == {"service": "support-answers", "tier": "tier1"}
    assert [problem.message for problem in shown.problems] == ["severity is one of sev1."]


def test_what_was_known_is_that_of_the_end_of_a_day_or_of_a_moment() -> None:
    assert window(as_of="2026-03-31").known_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert window(as_of="2026-03-31T12:00:00+02:00").known_at == datetime(2026, 3, 31, 10, tzinfo=UTC)
    assert window(as_of="2026-03-31").months[-1] in {month("2026-03"), month("2026-04")}
    assert (window(as_of="2027-01-01").known_at, window(as_of="2027-01-01").as_of) == (None, NOW)


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "0001-01-01"])
def test_an_instant_that_cannot_be_read_is_told_and_now_taken(text: str) -> None:
    shown = window(as_of=text)
    assert (shown.known_at, [problem.field for problem in shown.problems]) == (None, ["as_of"])


def test_the_time_before_is_as_long_and_ends_where_this_one_begins() -> None:
    assert days(window().before()) == ("2024-12-01", "2025-11-30")
    assert days(window(from_="2026-03-11", to="2026-03-20").before()) == ("2026-03-01", "2026-03-10")
    asked = window(service="a", as_of="2026-10-01")
    assert (asked.before().filters, asked.before().known_at) == (asked.filters, asked.known_at)


def test_within_a_month_a_span_gives_way_but_chosen_days_hold() -> None:
    assert days(window().within(month("2024-02"))) == ("2024-02-01", "2024-02-29")
    assert days(window(from_="2026-03-10", to="2026-05-20").within(month("2026-03"))) == ("2026-03-10", "2026-03-31")
    assert days(window(from_="2026-03-10", to="2026-05-20").within(month("2026-05"))) == ("2026-05-01", "2026-05-20")
    outside = window(from_="2026-03-10", to="2026-05-20").within(month("2026-08"))
    assert outside.since == outside.until


@given(st.dictionaries(st.sampled_from(["months", "from", "to", "as_of", *FILTERS]), st.text(max_size=30)))
def test_no_query_breaks_it(query: dict[str, str]) -> None:
    shown = Window.from_query(query, NOW)
    assert shown.since < shown.until
    assert 1 <= len(shown.months) <= MOST_MONTHS + 1


@given(st.dates(date(2017, 1, 1), date(2026, 11, 20)), st.dates(date(2017, 1, 1), date(2026, 11, 20)))
def test_its_own_query_leads_back_to_it(one: date, other: date) -> None:
    first, last = sorted([one, other])
    asked = {"from": first.isoformat(), "to": last.isoformat(), "service": "a"}
    shown = Window.from_query(asked, NOW)
    assert shown.query() == asked
    assert Window.from_query(shown.query(), NOW) == shown
    assert [month.day for month in shown.months] == [1] * len(shown.months)
    assert shown.months[-1] == last.replace(day=1)


def test_the_query_of_a_span_keeps_the_span() -> None:
    assert window(months="6", service="a").query() == {"months": "6", "service": "a"}
    assert window().days_query() == {}


@given(st.dates(date(1991, 1, 1), date(2900, 1, 1)), st.integers(-500, 500))
def test_months_added_and_taken_back_are_the_same_month(day: date, count: int) -> None:
    assert add_months(add_months(day, count), -count) == day.replace(day=1)


KNOWN_MARKS = {**dict.fromkeys(NAMES, ("a",)), "layer": LAYERS, "state": ["reviewed"], "only": ["open"]}


def test_a_selection_keeps_what_is_known_and_tells_the_rest() -> None:
    query = {"layer": "data", "month": "2026-03", "state": "reviewed", "only": "open"}
    known = Selection.from_query(query, known=KNOWN_MARKS)
    assert (known.layer, known.month, known.state, known.only) == ("data", month("2026-03"), "reviewed", "open")
    assert known.query() == query
    wrong = Selection.from_query({"layer": "x", "month": "March", "state": "x", "only": "x"}, known=KNOWN_MARKS)
    assert wrong.query() == {}
    assert [problem.field for problem in wrong.problems] == ["month", "layer", "state", "only"]
    assert wrong.problems[1].message == "layer is one of data, integration, model."


@given(st.dictionaries(st.sampled_from([*NAMES, "month"]), st.text(max_size=20)))
def test_no_selection_breaks_it_and_what_is_kept_leads_back(query: dict[str, str]) -> None:
    kept = Selection.from_query(query, known=KNOWN_MARKS)
    assert Selection.from_query(kept.query(), known=KNOWN_MARKS).query() == kept.query()


def test_windows_next_to_each_other_share_no_instant() -> None:
    assert window(to="2026-03").until == window(from_="2026-04").since == datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00", "yesterday", "0001-01-01"])
def test_no_instant_is_too_odd_to_be_refused_in_words(text: str) -> None:
    asked = window(as_of=text)
    assert asked.known_at is None
    assert [problem.field for problem in asked.problems] == ["as_of"]
