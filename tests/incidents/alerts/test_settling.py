"""Incidents end by themselves once their alerts have and it stays quiet."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.alerts import settling
from incidents.alerts.models import Alert
from incidents.response import impacts, lifecycle
from incidents.response.impacts import Impact
from incidents.response.models import Incident, TimelineRow
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(settings: object) -> None:
    settings.QUIET_SECONDS = 60


def settle(at: datetime) -> int:
    return settling.settle(now=at)


def over() -> Incident:
    """An incident whose two alerts have resolved at minutes 5 and 7."""
    source = am.source()
    am.send(source, am.alert(instance="a"), am.alert(instance="b"))
    am.send(source, am.alert(instance="a", ends=minutes(5)), at=minutes(5))
    am.send(source, am.alert(instance="b", ends=minutes(7)), at=minutes(8))
    return Incident.objects.get()


def test_all_resolved_and_quiet_resolves() -> None:
    incident = over()
    assert settle(minutes(8.9)) == 0
    assert settle(minutes(9)) == 1
    incident.refresh_from_db()
    assert (incident.resolved_at, incident.resolved_how, incident.resolved_by) == (minutes(7), "alerts", None)
    assert not incident.joinable
    row = TimelineRow.objects.get(kind="resolved")
    assert row.at == minutes(7)
    assert row.why == "all 2 of its alerts are resolved and nothing came for 1 min; the built-in policy"
    assert settle(minutes(10)) == 0


def test_one_still_firing_keeps_it_open() -> None:
    source = am.source()
    am.send(source, am.alert(instance="a"), am.alert(instance="b"))
    am.send(source, am.alert(instance="a", ends=minutes(5)), at=minutes(5))
    assert settle(minutes(60)) == 0


def test_it_never_ends_before_the_impact_that_a_person_gave() -> None:
    incident = over()
    began = Impact("exact", minutes(7.5))
    impacts.set_impact(incident, impact="", began=began, detected_by="", by=make.person(), now=minutes(8))
    assert settle(minutes(20)) == 1
    incident.refresh_from_db()
    assert incident.resolved_at == minutes(7.5)


def test_one_declared_by_hand_is_never_resolved_by_itself() -> None:
    make.incident()
    assert settle(minutes(1000)) == 0


def test_one_that_a_person_reopened_is_left_to_people() -> None:
    incident = over()
    settle(minutes(20))
    lifecycle.reopen(incident, reason="users still see it", by=make.person(), now=minutes(30))
    assert settle(minutes(60)) == 0
    source = Alert.objects.order_by("pk")[0].source
    am.send(source, am.alert(instance="a"), at=minutes(61))  # late news of the same episode: quiet counts anew
    assert settle(minutes(70)) == 1


def test_a_waiting_delivery_holds_the_clock() -> None:
    """A worker that was away must not settle what its backlog may still change."""
    incident = over()
    am.deliver(Alert.objects.order_by("pk")[0].source, am.alert("Another"), at=minutes(8.5))
    assert settle(minutes(60)) == 0
    incident.refresh_from_db()
    assert incident.joinable
    am.drain(minutes(60))
    assert settle(minutes(60)) == 1


def test_past_the_window_it_takes_no_more_alerts() -> None:
    am.send(am.source(), am.alert())
    settle(minutes(30))
    assert Incident.objects.get().joinable
    settle(minutes(31))
    assert not Incident.objects.get().joinable


def test_past_the_maximum_length_it_takes_no_more_alerts() -> None:
    am.send(am.source(), am.alert())
    Incident.objects.update(last_alert_at=minutes(0) + timedelta(hours=24))
    settle(minutes(0) + timedelta(hours=24, minutes=1))
    assert not Incident.objects.get().joinable


def test_any_number_takes_the_same_statements() -> None:
    counts = set()
    for count in (1, 5):
        source = am.source()
        names = [f"{source}-{number}" for number in range(count)]
        am.send(source, *[am.alert(name) for name in names])
        am.send(source, *[am.alert(name, ends=minutes(5)) for name in names], at=minutes(5))
        with CaptureQueriesContext(connection) as captured:
            assert settle(minutes(10)) == count
        counts.add(len(captured))
    assert len(counts) == 1


def test_a_worker_that_was_away_makes_two_incidents_of_two() -> None:
    """The first was over and quiet before the second began, though all of it is digested an hour later."""
    source = am.source()
    am.deliver(source, am.alert())
    am.deliver(source, am.alert(ends=minutes(5)), at=minutes(5))
    am.deliver(source, am.alert(starts=minutes(20)), at=minutes(20))
    am.drain(minutes(90))
    first, second = Incident.objects.order_by("pk")
    assert (first.resolved_at, first.resolved_how) == (minutes(5), "alerts")
    assert (second.detected_at, second.resolved_at) == (minutes(20), None)
    assert TimelineRow.objects.get(incident=first, kind="resolved").recorded_at == minutes(90)


def test_a_backlog_within_the_quiet_delay_stays_one_incident() -> None:
    source = am.source()
    am.deliver(source, am.alert(instance="a"))
    am.deliver(source, am.alert(instance="a", ends=minutes(0.5)), at=minutes(0.5))
    am.deliver(source, am.alert(instance="b", starts=minutes(1)), at=minutes(1))
    am.drain(minutes(90))
    assert Incident.objects.get().resolved_at is None


def test_resolves_whose_firing_never_came_are_forgotten_after_days() -> None:
    source = am.source()
    am.send(source, am.alert(instance="passes", ends=minutes(1)), at=minutes(1))
    am.send(source, am.alert(instance="fires"))
    assert set(Alert.objects.values_list("times_seen", flat=True)) == {0, 1}
    assert settling.forget_held(now=minutes(60)) == 0
    assert settling.forget_held(now=minutes(1) + settling.HELD + timedelta(minutes=1)) == 1
    assert Alert.objects.get().labels["instance"] == "fires"
