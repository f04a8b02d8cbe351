"""How much it hurt is measured on the clock: nothing twice, nothing guessed, cut at the ends of months."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.patterns.answers.shape import Answer
from incidents.patterns.models import PatternIncident
from incidents.patterns.queries import marks
from incidents.patterns.questions import hurt
from incidents.patterns.questions.asking import about
from incidents.patterns.selection import Selection
from incidents.patterns.window import Window, month_of
from incidents.response import confiding, impacts, lifecycle
from incidents.response.impacts import Facts, Impact
from incidents.response.models import DoubtedTime, Incident, IncidentVersion
from ownership.models import Person, Service
from tests import factories as make
from tests.incidents.patterns.factories import NOW, window

pytestmark = pytest.mark.django_db

JUNE = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
MINUTE = 60.0
NUMBERS = itertools.count(10_000_000)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def hit(
    service: Service | None,
    *,
    begins: datetime | None = JUNE,
    lasts: float | None = 60,
    share: float | tuple[float, float] | None = 100,
    precision: str = "exact",
    until: datetime | None = None,
    by: Person | None = None,
    **declared: Any,
) -> Incident:
    """An incident noticed two minutes after it began, with so many minutes of impact on this share of the traffic."""
    by = by or make.person()
    noticed = (begins or JUNE) + minutes(2)
    began = Impact(precision, begins, until) if begins else Impact()
    one = lifecycle.declare(
        title="Wrong answers", by=by, now=NOW, detected_at=noticed, service=service, began=began, **declared
    )
    if lasts is not None:
        lifecycle.mitigate(one, by=by, now=NOW, at=(begins or JUNE) + minutes(lasts))
        lifecycle.resolve(one, by=by, now=NOW, at=NOW)
    if share is not None:
        low, high = share if isinstance(share, tuple) else (share, share)
        facts = Facts(share_from=Decimal(str(low)), share_until=Decimal(str(high)))
        impacts.state(one, facts=facts, by=by, now=NOW)
    return one


def ask(shown: Window | None = None, viewer: Person | None = None) -> Answer:
    return hurt.ask(about(shown or window(), viewer or make.person(role="admin")))


def rows(answer: Answer) -> dict[tuple[str, str], tuple[float | None, float | None]]:
    """(service, month) → minutes, at least and at most."""
    return {
        (line.values["service"], line.values["month"]): tuple(
            None if line.values[name] is None else round(line.values[name] / MINUTE, 3) for name in ("low", "high")
        )
        for line in answer.lines
    }


def total(answer: Answer) -> tuple[float | None, float | None]:
    (one,) = (value for (_, month), value in rows(answer).items() if month == "all")
    return one


def test_minutes_count_by_the_share_of_traffic_until_users_were_well() -> None:
    service = make.service("Fraud score")
    hit(service, lasts=100, share=25)
    assert rows(ask()) == {("Fraud score", "all"): (25, 25), ("Fraud score", "2026-06"): (25, 25)}


def test_a_range_of_shares_and_a_start_between_two_times_give_at_least_and_at_most() -> None:
    service = make.service()
    hit(service, lasts=100, share=(10, 50), precision="between", until=JUNE + minutes(60))
    assert total(ask()) == (4, 50)


@pytest.mark.parametrize(("precision", "least"), [("exact", 90.0), ("minute", 90.0), ("hour", 30.0), ("day", 0.0)])
def test_a_rough_start_is_the_earliest_that_it_was(precision: str, least: float) -> None:
    hit(make.service(), lasts=90, precision=precision)
    assert total(ask()) == (least, 90)


def test_incidents_at_once_count_at_least_as_the_larger_and_at_most_as_both_but_never_over_everybody() -> None:
    service = make.service()
    hit(service, lasts=60, share=60)
    hit(service, begins=JUNE + minutes(30), lasts=60, share=70)
    # 30 at 60 %, 30 at 70 % to 100 %, 30 at 70 %
    assert total(ask()) == (18 + 21 + 21, 18 + 30 + 21)


def test_other_services_do_not_share_minutes_and_none_named_stands_for_itself() -> None:
    hit(make.service("A"), lasts=10)
    hit(make.service("B"), lasts=10)
    hit(None, lasts=10)
    found = rows(ask())
    assert {name for name, _ in found} == {"A", "B", "No service named"}
    assert all(value == (10, 10) for value in found.values())


def test_months_cut_an_incident_and_the_sum_keeps_it_whole() -> None:
    midnight = datetime(2026, 7, 1, tzinfo=UTC)
    service = make.service("Ranking")
    hit(service, begins=midnight - minutes(10), lasts=25)
    answer = ask()
    assert rows(answer) == {
        ("Ranking", "all"): (25, 25),
        ("Ranking", "2026-06"): (10, 10),
        ("Ranking", "2026-07"): (15, 15),
    }
    assert answer.column("incidents") == [1, 1, 1]
    assert answer.n == 1


def test_what_ends_at_midnight_is_not_in_the_month_that_begins() -> None:
    midnight = datetime(2026, 7, 1, tzinfo=UTC)
    hit(make.service("Ranking"), begins=midnight - minutes(10), lasts=10)
    assert set(rows(ask())) == {("Ranking", "all"), ("Ranking", "2026-06")}


def test_what_was_noticed_before_the_window_counts_with_what_it_did_within() -> None:
    hit(make.service("Ranking"), begins=datetime(2026, 5, 31, 23, 0, tzinfo=UTC), lasts=120, share=50)
    only_june = window(from_="2026-06-01", to="2026-06-30")
    assert rows(ask(only_june)) == {("Ranking", "all"): (30, 30), ("Ranking", "2026-06"): (30, 30)}


def test_chosen_days_cut_too() -> None:
    hit(make.service("Ranking"), begins=datetime(2026, 6, 9, 23, 0, tzinfo=UTC), lasts=26 * 60)
    day = window(from_="2026-06-10", to="2026-06-10")
    assert rows(ask(day)) == {("Ranking", "all"): (24 * 60, 24 * 60), ("Ranking", "2026-06"): (24 * 60, 24 * 60)}


def test_what_is_open_has_hurt_until_now() -> None:
    hit(make.service(), begins=NOW - timedelta(hours=3), lasts=None, share=10)
    assert total(ask()) == (18, 18)


@pytest.mark.parametrize("lacks", [{"share": None}, {"begins": None}, {"lasts": 0}])
def test_unknown_is_neither_zero_nor_everything(lacks: dict[str, Any]) -> None:
    service = make.service("Ranking")
    hit(service, **lacks)
    answer = ask()
    assert rows(answer) == {("Ranking", "all"): (None, None), ("Ranking", "2026-06"): (None, None)}
    assert answer.column("unknown") == [1, 1]
    hit(service, begins=JUNE + timedelta(days=1), lasts=5)
    assert total(ask()) == (5, 5)
    assert ask().column("unknown")[0] == 1


def test_a_doubted_end_makes_it_unknown() -> None:
    one = hit(make.service("Ranking"))
    DoubtedTime.objects.create(
        incident=one, field="mitigated_at", at=JUNE + minutes(60), told="?", reason="?", known_from=JUNE
    )
    assert total(ask()) == (None, None)


def test_near_misses_hurt_nobody() -> None:
    hit(make.service(), of_type="near_miss")
    assert ask().lines == []


def test_private_incidents_hurt_in_the_eyes_of_those_who_may_see_them() -> None:
    by = make.person()
    one = hit(make.service(), by=by)
    confiding.make_private(one, reason="A customer is named in it.", by=by, now=NOW)
    assert total(ask(viewer=by)) == (60, 60)
    assert ask(viewer=make.person()).lines == []


def test_an_earlier_instant_knows_what_was_known_then() -> None:
    by, service = make.person(), make.service()
    one = hit(service, by=by)
    then = Window.from_query({"as_of": timezone.now().isoformat()}, timezone.now())
    before = ask(then)
    assert total(before) == (60, 60)
    impacts.state(one, facts=Facts(share_from=Decimal(1)), by=by, now=timezone.now())
    late = hit(service, begins=JUNE - timedelta(days=900), lasts=60 * 24 * 1000)
    IncidentVersion.objects.filter(incident=late).update(known_from=timezone.now())  # a transaction has one time
    assert ask(then) == before
    assert total(ask(Window.from_query({}, timezone.now())))[1] > 60 * 24


def test_the_objective_allows_its_share_of_the_minutes_in_service() -> None:
    service = make.service("Ranking", objective=Decimal(99))
    Service.objects.filter(pk=service.pk).update(created_at=datetime(2026, 6, 16, tzinfo=UTC))
    hit(service, begins=datetime(2026, 6, 20, tzinfo=UTC))
    june = window(from_="2026-06-01", to="2026-06-30")
    assert [value / MINUTE for value in ask(june).column("allowed")] == pytest.approx([15 * 24 * 60 * 0.01] * 2)
    hit(service, begins=datetime(2026, 6, 1, tzinfo=UTC))  # so it was there, whenever it was registered
    assert ask(june).column("allowed")[0] / MINUTE == pytest.approx(30 * 24 * 60 * 0.01)
    Service.objects.filter(pk=service.pk).update(retired_at=datetime(2026, 6, 11, tzinfo=UTC))
    assert ask(june).column("allowed")[0] / MINUTE == pytest.approx(10 * 24 * 60 * 0.01)


def test_the_running_month_allows_what_its_days_so_far_do() -> None:
    service = make.service(objective=Decimal(90))
    Service.objects.filter(pk=service.pk).update(created_at=NOW - timedelta(days=400))
    hit(service, begins=NOW - timedelta(hours=5))
    month = window(from_="2026-11-01", to="2026-11-30")
    assert ask(month).column("allowed")[0] / MINUTE == pytest.approx((19 * 24 + 12) * 60 * 0.1)


def scattered() -> list[Incident]:
    """At three services, some unknown, some over the ends of months."""
    services = [make.service("A", objective=Decimal(99)), make.service("B"), None]
    ends = datetime(2026, 7, 1, tzinfo=UTC)
    return [
        hit(services[0], begins=ends - minutes(30), lasts=90, share=(10, 20), severity="sev1"),
        hit(services[0], begins=ends - minutes(20), lasts=10, share=None, severity="sev2"),
        hit(services[1], begins=None, detected_by="monitor"),
        hit(services[1], begins=ends + timedelta(days=3), lasts=None, share=5),
        hit(services[2], begins=datetime(2025, 11, 30, 23, 30, tzinfo=UTC), lasts=60),
    ]


def test_behind_each_line_and_bar_stand_as_many_incidents_as_it_says() -> None:
    scattered()
    shown, viewer = window(), make.person(role="admin")
    answer = ask(shown, viewer)
    for line in answer.lines:
        behind = dict(line.behind)
        month = month_of(behind.get("month", ""))
        narrowed = window(service=behind["service"])
        scope = about(narrowed.within(month) if month else narrowed, viewer).scope
        chosen = marks.behind(scope, Selection(hurt=behind["hurt"], month=month))
        assert chosen.count() == line.values["incidents"], line
        unknown = marks.behind(scope, Selection(hurt="unknown", month=month))
        assert unknown.count() == line.values["unknown"], line
        whole = about(narrowed, viewer).scope
        assert marks.behind(whole, Selection(hurt="any", month=month)).count() == line.values["incidents"]


def test_filters_commute_and_services_add_up() -> None:
    scattered()
    whole = rows(ask())
    parts: dict[Any, Any] = {}
    for slug in ("a", "b", "-"):
        parts |= rows(ask(window(service=slug)))
    assert parts == whole
    assert rows(ask(window(service="a", severity="sev1"))) == rows(ask(window(severity="sev1", service="a")))
    assert set(rows(ask(window(detected_by="monitor")))) == {("B", "all"), ("B", "2026-06")}


def test_two_statements_however_many_incidents_and_services() -> None:
    scattered()
    asked = about(window(), make.person(role="admin"))
    with CaptureQueriesContext(
        connection,
    ) as context:
        hurt.ask(asked)
    assert len(context) == 2


SPAN = st.tuples(
    st.integers(0, 60 * 24 * 40),
    st.integers(1, 60 * 24 * 3),
    st.integers(0, 100),
    st.integers(0, 100),
    st.sampled_from([0, 0, 30, 600]),
)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(SPAN, min_size=1, max_size=7))
def test_the_sweep_says_what_counting_minute_by_minute_says(spans: list[tuple[int, int, int, int, int]]) -> None:
    service = make.service()
    since = datetime(2026, 5, 20, tzinfo=UTC)
    low: dict[int, int] = {}
    high: dict[int, int] = {}
    for start, lasts, one, other, late in spans:
        least, most = sorted((one, other))
        begins = since + minutes(start)
        ends = start + max(lasts, late)
        _fact(service, begins, since + minutes(ends), least, most, late=minutes(late))
        for minute in range(start, ends):
            high[minute] = min(100, high.get(minute, 0) + most)
            if minute >= start + late:
                low[minute] = max(low.get(minute, 0), least)
    found = rows(ask(window(service=service.slug)))
    summed = [
        sum(value[place] or 0 for (_, month), value in found.items() if (month == "all") is whole)
        for whole in (True, False)
        for place in (0, 1)
    ]
    expected = [sum(low.values()) / 100, sum(high.values()) / 100]
    assert summed == pytest.approx([*expected, *expected], abs=0.02)


def _fact(service: Service, begins: datetime, ends: datetime, low: int, high: int, *, late: timedelta) -> None:
    """A row as the triggers write it, without the story behind it."""
    PatternIncident.objects.create(
        incident_id=next(NUMBERS),
        detected_at=begins,
        service=service,
        severity="sev2",
        private=False,
        counted=True,
        impact_from=begins,
        impact_until=begins + late if late else None,
        impact_precision="between" if late else "exact",
        resolved_at=ends,
        share_from=low,
        share_until=high,
        monitors_green="unknown",
        reviewed=0,
        provisional=0,
    )
