"""The board, the incident and what people do there, as each persona, with and without htmx."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from incidents.response import lifecycle
from incidents.response.models import Finding, Incident, TimelineRow
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "timeline", "HX-Current-URL": "http://testserver/incidents/1/"}
HOUR = timedelta(hours=1)
POSTS = ("acknowledge", "blame", "note", "severity", "service", "impact", "resolve", "reopen")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def responder() -> Client:
    return signed_in(make.person("Maya Okafor"))


@pytest.fixture
def incident() -> Incident:
    return make.incident("Slow answers", service=make.service("Support answers", owner=make.person("Priya Nair")))


def url(incident: Incident, act: str = "") -> str:
    return f"/incidents/{incident.pk}/" + (f"{act}/" if act else "")


# ---- who may ----


@pytest.mark.parametrize("act", POSTS)
def test_a_viewer_reads_but_may_not_act(incident: Incident, act: str) -> None:
    viewer = signed_in(make.person(role="viewer"))
    assert viewer.get(url(incident)).status_code == 200
    rows = TimelineRow.objects.count()
    assert viewer.post(url(incident, act), {"text": "x", "severity": "sev1", "reason": "x"}).status_code == 403
    assert TimelineRow.objects.count() == rows


@pytest.mark.parametrize("act", POSTS)
def test_a_stranger_is_sent_to_sign_in(incident: Incident, act: str) -> None:
    answer = Client().post(url(incident, act))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_an_expired_session_sends_the_whole_browser_to_sign_in(incident: Incident) -> None:
    answer = Client().post(url(incident, "note"), {"text": "x"}, headers=HTMX)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fincidents%2F1%2F"


def test_viewers_do_not_see_controls_they_cannot_use(incident: Incident) -> None:
    shown = signed_in(make.person(role="viewer")).get(url(incident)).content.decode()
    assert "Acknowledge: what do you suspect" not in shown
    assert "Declare incident" not in shown
    assert "Slow answers" in shown


def test_an_unknown_incident_is_not_found(responder: Client) -> None:
    assert responder.get("/incidents/999999/").status_code == 404


# ---- acting ----


def test_acknowledging_asks_first_blame_in_the_same_click(responder: Client, incident: Incident) -> None:
    assert "what do you suspect first?" in responder.get(url(incident)).content.decode()
    answer = responder.post(url(incident, "acknowledge"), {"first_blame": "latency"})
    assert (answer.status_code, answer["Location"]) == (302, url(incident))
    found = Incident.objects.get(pk=incident.pk)
    assert (found.state, found.first_blame) == ("acknowledged", "latency")
    assert found.acknowledged_by is not None
    assert found.acknowledged_by.name == "Maya Okafor"


def test_a_declarer_who_blamed_is_not_asked_again(responder: Client) -> None:
    incident = make.incident(first_blame="model")
    shown = responder.get(url(incident)).content.decode()
    assert "what do you suspect first?" not in shown
    responder.post(url(incident, "acknowledge"))
    assert Incident.objects.get(pk=incident.pk).state == "acknowledged"
    assert Incident.objects.get(pk=incident.pk).first_blame == "model"


def test_not_known_yet_may_be_said_and_set_later(responder: Client, incident: Incident) -> None:
    responder.post(url(incident, "acknowledge"), {"first_blame": ""})
    assert "First blame is not set yet" in responder.get(url(incident)).content.decode()
    responder.post(url(incident, "blame"), {"first_blame": "data"})
    assert Incident.objects.get(pk=incident.pk).first_blame == "data"
    refused = responder.post(url(incident, "blame"), {"first_blame": "org"})
    assert refused.status_code == 409
    assert "frozen" in refused.content.decode()


def test_an_unknown_layer_is_refused(responder: Client, incident: Incident) -> None:
    answer = responder.post(url(incident, "acknowledge"), {"first_blame": "weather"})
    assert answer.status_code == 422
    assert Incident.objects.get(pk=incident.pk).state == "open"


def test_a_note_with_htmx_answers_the_fresh_timeline_only(responder: Client, incident: Incident) -> None:
    answer = responder.post(url(incident, "note"), {"text": "**seen** <script>x</script>"}, headers=HTMX)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in shown
    assert "<strong>seen</strong>" in shown
    assert "<script" not in shown
    assert "HX-Target" in answer["Vary"]


def test_a_note_without_htmx_redirects_to_the_page(responder: Client, incident: Incident) -> None:
    assert responder.post(url(incident, "note"), {"text": "seen"})["Location"] == url(incident)
    assert TimelineRow.objects.filter(incident=incident, kind="note", text="seen").exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_empty_note_is_422_and_writes_nothing(
    responder: Client, incident: Incident, headers: dict[str, str]
) -> None:
    answer = responder.post(url(incident, "note"), {"text": " "}, headers=headers)
    assert answer.status_code == 422
    assert "Write something first." in answer.content.decode()
    assert not TimelineRow.objects.filter(kind="note").exists()


def test_severity_sticks_to_the_person_who_chose(responder: Client, incident: Incident) -> None:
    responder.post(url(incident, "severity"), {"severity": "sev1"})
    found = Incident.objects.get(pk=incident.pk)
    assert found.severity == "sev1"
    assert found.severity_set_by is not None
    assert responder.post(url(incident, "severity"), {"severity": "sev9"}).status_code == 422


def test_resolving_offers_modes_by_layer_and_records_one(responder: Client, incident: Incident) -> None:
    shown = responder.get(url(incident, "resolve")).content.decode()
    assert '<optgroup label="Guardrail">' in shown
    responder.post(url(incident, "resolve"), {"what": "latency.cold_start", "evidence": "trace"})
    assert Finding.objects.get(incident=incident).mode_id == "latency.cold_start"


def test_resolving_with_a_layer_alone_or_not_known(responder: Client, incident: Incident) -> None:
    responder.post(url(incident, "resolve"), {"what": "org"})
    found = Finding.objects.get(incident=incident)
    assert (found.layer, found.mode) == ("org", None)
    other = make.incident()
    responder.post(url(other, "resolve"), {"what": ""})
    assert not Finding.objects.filter(incident=other).exists()


def test_a_resolve_time_that_cannot_be_is_refused_with_the_text_kept(responder: Client, incident: Incident) -> None:
    said = {"what": "data", "evidence": "kept words", "resolved_at": "2020-01-01T10:00"}
    answer = responder.post(url(incident, "resolve"), said)
    assert answer.status_code == 422
    assert "kept words" in answer.content.decode()
    assert "before it was noticed" in answer.content.decode()
    assert Incident.objects.get(pk=incident.pk).resolved_at is None


def test_reopening_needs_a_reason(responder: Client, incident: Incident) -> None:
    lifecycle.resolve(incident, by=make.person(), now=NOON + timedelta(hours=1))
    assert responder.post(url(incident, "reopen"), {"reason": ""}).status_code == 422
    responder.post(url(incident, "reopen"), {"reason": "came back"})
    assert Incident.objects.get(pk=incident.pk).state == "open"


def test_impact_is_edited_and_read_in_the_viewers_zone(responder: Client, incident: Incident) -> None:
    responder.cookies["tz"] = "Europe/Berlin"
    said = {
        "impact": "18 % slow",
        "impact_precision": "minute",
        "impact_from": "2026-11-20T10:30",
        "detected_by": "monitor",
    }
    assert responder.post(url(incident, "impact"), said).status_code == 302
    found = Incident.objects.get(pk=incident.pk)
    assert found.impact_from is not None
    assert found.impact_from.isoformat() == "2026-11-20T09:30:00+00:00"
    assert "2026-11-20T10:30" in responder.get(url(incident, "impact")).content.decode()


# ---- declaring ----


def test_declaring_needs_only_a_title(responder: Client) -> None:
    said = {"title": "Users report nonsense", "severity": "pending", "impact_precision": "unknown"}
    answer = responder.post("/incidents/new/", said)
    made = Incident.objects.get()
    assert answer["Location"] == url(made)
    assert (made.title, made.declared_via, made.impact_from) == ("Users report nonsense", "hand", None)


def test_declaring_for_last_week_keeps_every_answer(responder: Client) -> None:
    service = make.service("Fraud score")
    said = {
        "title": "Null share",
        "service": service.pk,
        "severity": "sev2",
        "impact": "scores wrong",
        "impact_precision": "between",
        "impact_from": "2026-11-10T08:00",
        "impact_until": "2026-11-10T09:00",
        "detected_at": "2026-11-11T07:00",
        "detected_by": "audit",
        "first_blame": "data",
    }
    responder.post("/incidents/new/", said)
    made = Incident.objects.get()
    assert (made.service, made.severity, made.detected_by, made.first_blame) == (service, "sev2", "audit", "data")
    assert made.impact_until is not None
    assert made.detected_at.isoformat() == "2026-11-11T07:00:00+00:00"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": ""}, "This field is required"),
        ({"impact_precision": "exact"}, "Give the time, or choose"),
        ({"impact_precision": "between", "impact_from": "2026-11-10T08:00"}, "Give the latest time"),
        (
            {"impact_precision": "between", "impact_from": "2026-11-10T08:00", "impact_until": "2026-11-10T07:00"},
            "later than the first",
        ),
        ({"detected_at": "2099-01-01T00:00"}, "lies in the future"),
        ({"impact_precision": "day", "impact_from": "soon"}, "Enter a valid date/time"),
    ],
)
def test_what_cannot_be_declared_is_said_beside_its_field(responder: Client, wrong: dict[str, str], says: str) -> None:
    said = {"title": "Kept title", "severity": "sev3", "impact_precision": "unknown", "impact": "kept impact", **wrong}
    answer = responder.post("/incidents/new/", said)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "kept impact" in answer.content.decode()
    assert not Incident.objects.exists()


def test_viewers_do_not_declare() -> None:
    assert signed_in(make.person(role="viewer")).get("/incidents/new/").status_code == 403
