"""What webhooks are told of incidents: every act, in order, in its own transaction, and nothing when nobody listens."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.alerts import digest
from incidents.response import broadcasting, lifecycle
from incidents.response.models import Incident, IncidentEvent
from ownership import subscribing
from ownership.models import Person, Webhook, WebhookDelivery
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def listener(*events: str, private: bool = False) -> Webhook:
    events = events or tuple(one.name for one in broadcasting.EVENTS.values())
    made, _ = subscribing.add(
        name="All", url="https://example.org/", events=events, private=private, by=make.person(role="admin"), now=NOON
    )
    return made


def told() -> list[dict[str, Any]]:
    broadcasting.drain(now=NOON)
    return [json.loads(body) for body in WebhookDelivery.objects.order_by("pk").values_list("body", flat=True)]


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


def test_a_whole_life_is_told_in_order(maya: Person) -> None:
    listener()
    service = make.service("Support answers")
    incident = make.incident("Slow", service=service, severity="sev3", by=maya)
    lifecycle.acknowledge(incident, by=maya, now=minutes(1))
    lifecycle.set_severity(incident, severity="sev2", by=maya, now=minutes(2))
    lifecycle.note(incident, text="Looking", by=maya, now=minutes(3))
    lifecycle.resolve(incident, by=maya, now=minutes(4))
    lifecycle.reopen(incident, reason="Back", by=maya, now=minutes(5))
    said = told()
    assert [one["event"].removeprefix("incident.") for one in said] == [
        "opened", "acknowledged", "severity_changed", "note", "resolved", "reopened",
    ]  # fmt: skip
    numbers = [one["sequence"] for one in said]
    assert numbers == sorted(set(numbers))
    assert len({one["id"] for one in said}) == len(said)
    opened, _, severity, note, resolved, _ = said
    assert opened["version"] == 1
    assert opened["by"] == {"id": maya.pk, "name": "Maya Okafor", "email": maya.email}
    assert opened["incident"] == {
        "id": incident.pk,
        "ref": incident.ref,
        "url": f"http://localhost:8000/incidents/{incident.pk}/",
        "title": "Slow",
        "state": "open",
        "severity": "sev3",
        "service": {"slug": "support-answers", "name": "Support answers"},
        "has_ball": {"id": maya.pk, "name": "Maya Okafor", "email": maya.email},
        "private": False,
        "detected_at": "2026-11-20T12:00:00+00:00",
        "opened_at": "2026-11-20T12:00:00+00:00",
        "acknowledged_at": None,
        "mitigated_at": None,
        "resolved_at": None,
        "closed_at": None,
    }
    assert (severity["text"], severity["incident"]["severity"]) == ("SEV3 → SEV2", "sev2")
    assert (note["text"], resolved["incident"]["state"]) == ("Looking", "resolved")


def test_what_alerts_do_is_told_too() -> None:
    listener("incident.opened", "incident.severity_changed")
    make.service("Support answers", tier="t1")
    source = am.source()
    am.send(source, am.alert("A", severity="info", service="support-answers"))
    am.send(source, am.alert("B", severity="critical", service="support-answers"), at=minutes(1))
    assert [one["event"] for one in told()] == ["incident.opened", "incident.severity_changed"]
    assert WebhookDelivery.objects.first().about == f"INC-{Incident.objects.get().pk}"


def test_what_is_taken_back_is_not_told(maya: Person) -> None:
    listener()
    with transaction.atomic():
        make.incident("Slow", by=maya)
        transaction.set_rollback(True)
    assert told() == []


def test_nothing_is_written_when_nobody_listens(maya: Person) -> None:
    subscribing.switch(listener(), on=False)
    lifecycle.acknowledge(make.incident(by=maya), by=maya, now=NOON)
    assert not IncidentEvent.objects.exists()


def test_each_event_is_told_once_and_gone(maya: Person) -> None:
    listener()
    make.incident(by=maya)
    assert broadcasting.drain(now=NOON) == 1
    assert broadcasting.drain(now=NOON) == 0
    assert not IncidentEvent.objects.exists()
    assert WebhookDelivery.objects.count() == 1


def statements_of_a_storm(name: str, count: int) -> int:
    for number in range(count):
        make.service(f"{name}{number}")
        am.deliver(am.source(), am.alert(f"A{number}", service=f"{name}{number}"))
    with CaptureQueriesContext(connection) as captured:
        digest.batch(now=NOON)
    return len(captured)


def test_the_digest_pays_no_statement_with_or_without_listeners() -> None:
    without = statements_of_a_storm("quiet", 5)
    listener()
    assert statements_of_a_storm("loud", 10) == without
    assert IncidentEvent.objects.count() == 10


@pytest.mark.parametrize("count", [1, 30])
def test_draining_takes_the_same_number_of_statements(count: int) -> None:
    listener()
    for _ in range(count):
        make.incident(service=make.service())
    with CaptureQueriesContext(connection) as captured:
        assert broadcasting.drain(now=NOON) == count
    assert len(captured) == 9
