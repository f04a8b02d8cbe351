"""What is counted: current findings, by the UTC month in which their incident was detected."""

from __future__ import annotations

import zoneinfo
from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.patterns.answers.shape import Base
from incidents.patterns.queries import base, choices, durations, facts, layers, marks
from incidents.patterns.questions import QUESTIONS
from incidents.patterns.questions.asking import about
from incidents.patterns.rows import Cell
from incidents.patterns.selection import Selection
from incidents.patterns.window import Window
from incidents.response import findings
from incidents.response.models import Finding, Incident
from ownership.models import Person
from tests import factories as make
from tests.incidents.patterns.factories import NOW, found, happened, month, review, window

pytestmark = pytest.mark.django_db
ADMIN = Person(role="admin")  # sees everything
MARCH = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


def cells(of: Window) -> list[Cell]:
    return layers.cells(facts.scope(of, ADMIN))


def counts(of: Window) -> Base:
    return base.base(facts.scope(of, ADMIN))


def behind(of: Window, selection: Selection) -> QuerySet[Incident]:
    return marks.behind(facts.scope(of, ADMIN), selection)


def cell(text: str, layer: str, state: str, count: int) -> Cell:
    return Cell(month(text), layer, state, count)


def test_findings_are_counted_by_month_layer_and_state() -> None:
    happened(MARCH, "data", "latency", reviewed=True)
    happened(MARCH + timedelta(days=2), "data")
    happened(MARCH + timedelta(days=40), "data")
    assert cells(window()) == [
        cell("2026-03", "data", "provisional", 1),
        cell("2026-03", "data", "reviewed", 1),
        cell("2026-03", "latency", "reviewed", 1),
        cell("2026-04", "data", "provisional", 1),
    ]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_months_begin_in_utc_wherever_the_reader_is(zone: str) -> None:
    happened(datetime(2026, 3, 31, 23, 59, 59, 999999, tzinfo=UTC), "data")
    happened(datetime(2026, 4, 1, tzinfo=UTC), "org")
    happened(datetime(2025, 11, 30, 23, 59, 59, 999999, tzinfo=UTC), "model")
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        assert cells(window()) == [
            cell("2026-03", "data", "provisional", 1),
            cell("2026-04", "org", "provisional", 1),
        ]
        assert counts(window()).incidents == 2
        march = window(from_="2026-03-31", to="2026-03-31")
        assert [one.layer for one in cells(march)] == ["data"]


def test_a_provisional_finding_that_is_reviewed_counts_once() -> None:
    by = make.person()
    incident = happened(MARCH, by=by)
    finding = found(incident, "data", by=by)
    assert cells(window()) == [cell("2026-03", "data", "provisional", 1)]
    review(finding, by=by)
    assert Finding.objects.count() == 2
    assert cells(window()) == [cell("2026-03", "data", "reviewed", 1)]


def test_a_superseded_finding_counts_where_it_moved_to_and_a_withdrawn_one_nowhere() -> None:
    by = make.person()
    incident = happened(MARCH, by=by)
    moved = review(found(incident, "model", by=by), by=by, layer="integration")
    assert cells(window()) == [cell("2026-03", "integration", "reviewed", 1)]
    findings.withdraw(moved, by=by, now=NOW)
    assert cells(window()) == []
    assert counts(window()) == Base(incidents=1, tagged=0, untagged=1, open=0)


def test_incidents_are_counted_once_however_many_findings_they_have() -> None:
    happened(MARCH, "data", "data", "org")
    happened(MARCH, "data", resolved=False)
    happened(MARCH, resolved=False)
    happened(MARCH)
    assert counts(window()) == Base(incidents=4, tagged=2, untagged=1, open=2)


def test_one_service_or_none_named() -> None:
    answers, fraud = make.service("Support answers"), make.service("Fraud score")
    happened(MARCH, "data", service=answers)
    happened(MARCH, "org", service=fraud)
    happened(MARCH, "latency")
    assert [one.layer for one in cells(window(service="fraud-score"))] == ["org"]
    assert [one.layer for one in cells(window(service="-"))] == ["latency"]
    assert counts(window(service="-")).incidents == 1
    assert cells(window(service="nope")) == []


def test_filters_commute_and_parts_add_up_to_the_whole() -> None:
    services = [make.service("Support answers"), make.service("Fraud score"), None]
    for place, layer in enumerate(["data", "org", "latency", "data", "model", "data"]):
        happened(MARCH + timedelta(days=20 * place), layer, service=services[place % 3])
    asked = ["support-answers", "fraud-score", "-"]
    whole = {(one.month, one.layer): one.findings for one in cells(window())}
    by_service: dict[object, int] = {}
    for slug in asked:
        for one in cells(window(service=slug)):
            by_service[one.month, one.layer] = by_service.get((one.month, one.layer), 0) + one.findings
    assert by_service == whole
    for slug in asked:
        month_first = window().within(month("2026-04"))
        service_first = window(service=slug).within(month("2026-04"))
        assert cells(Window.from_query({**month_first.query(), "service": slug}, NOW)) == cells(service_first)
    halves = [window(from_="2025-12-01", to="2026-04-15"), window(from_="2026-04-16", to="2026-11-30")]
    assert sum(one.findings for half in halves for one in cells(half)) == 6


@pytest.mark.parametrize("count", [1, 3])
def test_each_question_takes_as_many_queries_however_much_there_is(
    count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(count):
        happened(MARCH + timedelta(days=31 * place), "data", "org", service=make.service())
    with django_assert_max_num_queries(2):
        asked = about(window(), ADMIN)
    for question in QUESTIONS:
        with django_assert_max_num_queries(3):
            question.ask(asked)
    with django_assert_max_num_queries(2):
        assert len(choices.offered()["service"]) == count


def test_services_stand_by_name_and_retired_ones_stay() -> None:
    make.service("Support answers")
    make.service("Fraud score", retired_at=NOW)
    assert choices.offered()["service"] == [
        ("fraud-score", "Fraud score (retired)"),
        ("support-answers", "Support answers"),
    ]


def test_behind_each_mark_stand_as_many_incidents_as_it_says() -> None:
    happened(MARCH, "data", "org", reviewed=True)
    happened(MARCH, "data")
    happened(MARCH + timedelta(days=40), "data")
    for one in cells(window()):
        shown = behind(window().within(one.month), Selection(layer=one.layer, state=one.state))
        assert shown.count() == one.findings  # no incident here has two findings in one layer


def test_behind_the_counts_stand_their_incidents() -> None:
    happened(MARCH, "data")
    untagged = happened(MARCH)
    still_open = happened(MARCH, "org", resolved=False)
    assert list(behind(window(), Selection(only="untagged"))) == [untagged]
    assert list(behind(window(), Selection(only="open"))) == [still_open]
    assert behind(window(), Selection()).count() == 3


def test_layer_and_state_are_asked_of_the_same_finding() -> None:
    by = make.person()
    incident = happened(MARCH, "data", by=by)
    found(incident, "org", by=by, reviewed=True)
    assert not behind(window(), Selection(layer="data", state="reviewed")).exists()
    assert behind(window(), Selection(layer="org", state="reviewed")).exists()


def test_what_was_found_is_listed_primary_first_and_only_if_current() -> None:
    by = make.person()
    incident = happened(MARCH, by=by)
    found(incident, "data", by=by)
    primary = findings.record(incident, layer="org", primary=True, by=by, now=NOW)
    review(found(incident, "model", by=by), by=by, layer="latency")
    listed = marks.found_in([incident.pk, 0])
    assert [one.layer for one in listed[incident.pk]] == ["org", "data", "latency"]
    assert listed[incident.pk][0] == primary
    assert listed[0] == []


def test_no_question_can_move_the_window_by_a_parameter_of_its_own() -> None:
    with pytest.raises(ValueError, match="until"):
        facts.rows(facts.scope(window(), ADMIN), "SELECT 1 WHERE {where}", until=NOW)


def test_durations_are_those_of_the_incidents_of_the_window() -> None:
    happened(MARCH, "data")
    happened(MARCH - timedelta(days=365), "data")
    for of in (window(), window().before()):
        lasted = durations.lasted(facts.scope(of, ADMIN))
        assert sum(row[-1] for row in map(astuple, lasted) if row[0] == "resolve") == 1
