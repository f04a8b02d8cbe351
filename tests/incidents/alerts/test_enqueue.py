"""PagerDuty's own client, and requests like its, pointed at us."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pagerduty as client
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.alerts import hooks, intake, sourcing
from incidents.alerts.models import Alert, Delivery, Source
from incidents.response.models import Incident
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am

PAYLOAD = {"summary": "Answers are slow", "source": "gateway-1", "severity": "error", "component": "gateway"}


@pytest.fixture
def keyed() -> tuple[Source, str]:
    return sourcing.add(kind="pagerduty", name="Events API", by=None, now=NOON)


def theirs(key: str) -> client.EventsApiV2Client:
    """Their client as it is, its requests handed to our application; it insists on https."""

    def handed_over(request: httpx2.Request) -> httpx2.Response:
        headers = {name: value for name, value in request.headers.items() if name not in {"host", "content-length"}}
        answer = Client(headers=headers).post(request.url.path, request.content, content_type="application/json")
        return httpx2.Response(answer.status_code, content=answer.content, headers=dict(answer.headers))

    return client.EventsApiV2Client(key, base_url="https://testserver", transport=httpx2.MockTransport(handed_over))


def post(event: Any, path: str = "/v2/enqueue", **headers: Any) -> Any:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return Client(headers=headers).post(path, body, content_type="application/json", CONTENT_LENGTH=str(len(body)))


@pytest.mark.django_db
def test_the_real_client_drives_an_incident(keyed: tuple[Source, str]) -> None:
    """Trigger, trigger again, acknowledge, resolve: one alert, one incident."""
    source, key = keyed
    events = theirs(key)
    assert events.trigger("Answers are slow", "gateway-1", dedup_key="answers/slow", severity="error") == "answers/slow"
    assert events.trigger("Answers are slow", "gateway-1", dedup_key="answers/slow", severity="error") == "answers/slow"
    assert events.acknowledge("answers/slow") == "answers/slow"
    am.drain()
    alert = Alert.objects.get()
    assert (alert.source, alert.problem_key, alert.title, alert.severity) == (
        *(source, "answers/slow", "Answers are slow"),
        "high",
    )
    assert (alert.times_seen, alert.resolved_at) == (2, None)
    assert alert.incident == Incident.objects.get()
    assert events.resolve("answers/slow") == "answers/slow"
    am.drain()
    alert.refresh_from_db()
    assert alert.resolved_at is not None
    assert Alert.objects.count() == Incident.objects.count() == 1


@pytest.mark.django_db
def test_the_real_client_is_given_a_key_where_it_has_none(keyed: tuple[Source, str]) -> None:
    events = theirs(keyed[1])
    given = events.trigger("Disk is full", "gateway-1")
    events.resolve(given)
    am.drain()
    assert Alert.objects.get().problem_key == given


@pytest.mark.django_db
def test_the_real_clients_changes_open_nothing(keyed: tuple[Source, str]) -> None:
    theirs(keyed[1]).submit("Deployed prompt 41", source="ci", timestamp="2026-11-20T12:00:00Z")
    am.drain()
    assert Delivery.objects.get().state == "digested"
    assert not Alert.objects.exists()


@pytest.mark.django_db
def test_the_real_client_hears_what_is_wrong(keyed: tuple[Source, str]) -> None:
    with pytest.raises(client.Error, match="400"):
        theirs("no-such-key").trigger("x", "y")
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_it_is_kept_byte_for_byte_and_answered_202(
    keyed: tuple[Source, str], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rings: list[str] = []
    monkeypatch.setattr(hooks.bell, "ring", lambda: rings.append("ring"))
    body = json.dumps(
        {"routing_key": keyed[1], "event_action": "trigger", "dedup_key": "k", "payload": PAYLOAD}, indent=1
    )
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(body.encode())
    assert (answer.status_code, answer.json()) == (
        202,
        {"status": "success", "message": "Event processed", "dedup_key": "k"},
    )
    assert bytes(Delivery.objects.get().body) == body.encode()
    assert rings == ["ring"]


@pytest.mark.django_db
def test_it_takes_exactly_one_statement(keyed: tuple[Source, str]) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert post({"routing_key": keyed[1], "event_action": "resolve", "dedup_key": "k"}).status_code == 202
    assert len(captured) == 1
    assert "INSERT INTO incidents_delivery" in captured[0]["sql"]


@pytest.mark.django_db
def test_the_key_may_come_in_a_header(keyed: tuple[Source, str]) -> None:
    event = {"event_action": "resolve", "dedup_key": "k"}
    assert post(event, x_routing_key=keyed[1]).status_code == 202
    assert post(event).status_code == 400


@pytest.mark.django_db
def test_the_same_trigger_without_a_key_is_the_same_problem(keyed: tuple[Source, str]) -> None:
    event = {"routing_key": keyed[1], "event_action": "trigger", "payload": PAYLOAD}
    first, second = post(event).json()["dedup_key"], post(event).json()["dedup_key"]
    am.drain()
    assert first == second == Alert.objects.get().problem_key


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("event", "path", "error"),
    [
        ({"event_action": "explode"}, "/v2/enqueue", "'event_action' is invalid"),
        ({}, "/v2/enqueue", "'event_action' is missing or blank"),
        ({"event_action": "trigger", "payload": {}}, "/v2/enqueue", "'payload.summary' is missing or blank"),
        ({"event_action": "trigger", "payload": 3}, "/v2/enqueue", "'payload.summary' is missing or blank"),
        ({"event_action": "resolve"}, "/v2/enqueue", "'dedup_key' is missing or blank"),
        ({"payload": {"source": "ci"}}, "/v2/change/enqueue", "'payload.summary' is missing or blank"),
    ],
)
def test_what_pagerduty_would_refuse_is_refused_and_seen(
    keyed: tuple[Source, str], event: dict[str, Any], path: str, error: str
) -> None:
    answer = post({"routing_key": keyed[1], **event}, path)
    assert answer.status_code == 400
    assert (answer.json()["status"], answer.json()["message"]) == ("invalid event", "Event object is invalid")
    assert answer.json()["errors"][0].startswith(error)
    am.drain()
    assert not Alert.objects.exists()
    kept = Delivery.objects.get()
    assert kept.state == "rejected" or "change" in path


@pytest.mark.django_db
def test_an_alert_is_no_change(keyed: tuple[Source, str]) -> None:
    event = {"routing_key": keyed[1], "event_action": "trigger", "payload": PAYLOAD}
    assert post(event, "/v2/change/enqueue").status_code == 400
    assert not Delivery.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"3", b'{"routing_key": "\\ud800", "event_action": "resolve"}'])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    answer = post(body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


@pytest.mark.django_db
def test_the_key_of_another_kind_opens_nothing() -> None:
    _, key = am.with_key()
    event = {"routing_key": key, "event_action": "trigger", "payload": PAYLOAD}
    assert post(event).json()["errors"] == ["'routing_key' is invalid"]


@pytest.mark.django_db
def test_too_large_and_away(keyed: tuple[Source, str], settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    event = {"routing_key": keyed[1], "event_action": "resolve", "dedup_key": "k"}

    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(intake, "take", away)
    answer = post(event)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    settings.HOOK_MAX_BYTES = 10
    assert post(event).status_code == 413
    assert Client().get("/v2/enqueue").status_code == 405


@pytest.mark.django_db
def test_people_see_an_event_without_its_key(keyed: tuple[Source, str]) -> None:
    post({"routing_key": keyed[1], "event_action": "resolve", "dedup_key": "k"})
    client = Client()
    client.force_login(make.person(role="editor"))
    delivery = Delivery.objects.get()
    assert keyed[1].encode() in bytes(delivery.body)
    shown = client.get(f"/sources/{keyed[0].pk}/deliveries/{delivery.pk}/").content.decode()
    assert keyed[1] not in shown
    assert "dedup_key" in shown
    told = client.get(f"/api/v1/deliveries/{delivery.pk}/").content.decode()
    assert keyed[1] not in told
    assert "dedup_key" in told
