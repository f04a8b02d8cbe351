"""An incident with thousands of alerts reads as much as one with a few: so many rows, in the same queries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.alerts import reporting
from incidents.alerts.models import Alert, Source
from incidents.alerts.queries import members, reports
from incidents.alerts.sources.report import NAME
from incidents.response.models import Incident
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db
MANY = 3_000


def filled(source: Source, count: int, *, firing: int) -> Incident:
    incident = make.incident(service=make.service(owner=make.person()))
    Alert.objects.bulk_create(
        Alert(
            source=source, problem_key=f"{incident.pk}-{n}", name="Slow", title=f"Slow {n}", incident=incident,
            started_at=NOON + timedelta(seconds=n), last_event_at=NOON + timedelta(seconds=n), received_at=NOON,
            resolved_at=None if n < firing else NOON + timedelta(seconds=n + 60),
        )
        for n in range(count)
    )  # fmt: skip
    return incident


@pytest.fixture
def source() -> Source:
    return am.source()


def test_what_fires_comes_first_then_what_ended_last(source: Source) -> None:
    incident = filled(source, 30, firing=3)
    found = members.of_incidents([incident.pk])[incident.pk]
    assert (found.words, found.more) == ("3 firing of 30", "10")
    titles = [alert.title for alert in found.alerts]
    assert titles[:4] == ["Slow 2", "Slow 1", "Slow 0", "Slow 29"]
    assert len(titles) == members.SHOWN


def test_an_old_one_that_fires_is_not_lost_among_thousands(source: Source) -> None:
    incident = filled(source, MANY, firing=1)
    found = members.of_incidents([incident.pk])[incident.pk]
    assert (found.alerts[0].title, found.words, found.more) == ("Slow 0", "1 firing of over 1000", "over 980")


def test_a_storm_is_counted_as_far_as_that_tells_something(source: Source) -> None:
    incident = filled(source, MANY, firing=MANY)
    found = members.of_incidents([incident.pk])[incident.pk]
    assert (found.words, len(found.alerts)) == ("over 1000 firing of over 1000", members.SHOWN)
    assert members.of_incidents([make.incident().pk]) == {}


def test_of_an_alert_that_a_test_button_sent_nothing_is_made(source: Source) -> None:
    incident = filled(source, 2, firing=2)
    assert members.of_incidents([incident.pk])[incident.pk].is_real
    Alert.objects.update(is_test=True)
    assert not members.of_incidents([incident.pk])[incident.pk].is_real


def test_what_was_reported_before_a_storm_is_not_lost_in_it(source: Source) -> None:
    incident = filled(source, MANY, firing=1)
    said = reporting.Said(answered="Within 60 days.", where="checkout")
    number = reporting.file(said, key=uuid4(), by=make.person(), now=NOON - timedelta(hours=1))
    am.drain(NOON)
    Alert.objects.filter(problem_key=str(number)).update(incident=incident, started_at=NOON - timedelta(hours=1))
    assert members.of_incidents([incident.pk])[incident.pk].has_reports
    other = make.incident()
    found = reports.of_incidents([incident.pk, other.pk])
    assert [(key, [one.report.pk for one in filed]) for key, filed in found.items()] == [(incident.pk, [number])]


def test_a_complaint_that_a_product_sent_is_none_filed_here(source: Source) -> None:
    incident = filled(source, 2, firing=1)
    Alert.objects.update(name=f"{NAME} in checkout")
    assert not members.of_incidents([incident.pk])[incident.pk].has_reports
    assert reports.of_incidents([incident.pk]) == {}


def test_the_page_costs_the_same_queries_for_ten_and_for_thousands(source: Source) -> None:
    few, many = filled(source, 10, firing=5), filled(source, MANY, firing=2_000)
    browser = Client()
    browser.force_login(make.person())

    def queries(incident: Incident) -> int:
        browser.get(f"/incidents/{incident.pk}/")
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(f"/incidents/{incident.pk}/").status_code == 200
        return len(captured)

    assert queries(few) == queries(many)


def test_no_statement_reads_all_of_them(source: Source) -> None:
    incident = filled(source, MANY, firing=2_000)
    asked: dict[str, Any] = {"incidents": [incident.pk], "shown": members.SHOWN, "most": members.MOST}
    asked |= {"reported": "User report%", "begins": "User report%"}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incidents_alert")
        for statement in (members._CHOSEN, members._COUNTED, reports._OF_INCIDENTS):
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", asked)
            [(plan,)] = cursor.fetchall()
            read = list(_rows_read(plan if isinstance(plan, list) else json.loads(plan)))
            assert read
            assert max(read) <= members.MOST


def _rows_read(plan: list[dict[str, Any]]) -> Iterator[int]:
    """How many rows each scan of the alerts returned and threw away."""
    nodes = [one["Plan"] for one in plan]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node.get("Relation Name") == "incidents_alert":
            yield (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
