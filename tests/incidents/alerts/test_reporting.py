"""Reports that people file: kept in one statement, digested like every alert, seen by who filed them, dismissed."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.alerts import reporting
from incidents.alerts.models import Alert, Delivery, Source
from incidents.alerts.report_models import Report
from incidents.alerts.watch_models import QualitySignal
from incidents.patterns.queries import layers, marks
from incidents.patterns.questions.asking import Asked, about
from incidents.patterns.selection import Selection
from incidents.patterns.window import Window
from incidents.response import lifecycle
from incidents.response.models import Incident, TimelineRow
from ownership import tokens
from ownership.models import Person, Service
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.test_pages import queries, signed_in, went_to

pytestmark = pytest.mark.django_db

SECRET = "<script>my own words</script>"


@pytest.fixture
def viewer() -> Person:
    return make.person("Ana Ruiz", role="viewer")


@pytest.fixture
def editor() -> Person:
    return make.person("Priya Nair", role="editor")


@pytest.fixture
def service() -> Service:
    return make.service("Support answers", owner=make.person("Maya Okafor"))


def said(**more: str) -> dict[str, str]:
    """What the form sends."""
    return {"key": str(uuid4()), "answered": SECRET, "expected": "30 days", "by": "user", **more}


def file(person: Person, service: Service | None = None, **more: str) -> Report:
    """File one and digest it."""
    words = reporting.Said(**{"answered": SECRET, **more})
    number = reporting.file(words, key=uuid4(), service=service, by=person, now=timezone.now())
    am.drain(timezone.now())
    return Report.objects.get(pk=number)


def incident_of(report: Report) -> Incident:
    found = Alert.objects.get(problem_key=report.problem_key).incident
    assert found is not None
    return found


# ---- filing ----


def test_anybody_files_one_and_sees_what_becomes_of_it(viewer: Person, service: Service) -> None:
    page = signed_in(viewer)
    assert page.get(f"/reports/new/?service={service.slug}").context["form"]["service"].value() == service.slug
    answer = page.post("/reports/new/", said(service=service.slug))
    path = went_to(answer)
    assert "being read" in page.get(path).content.decode().lower()
    am.drain(timezone.now())
    incident = Incident.objects.get()
    assert (incident.service, incident.detected_by, incident.title) == (service, "user_report", "Wrong answer reported")
    html = page.get(path).content.decode()
    assert incident.ref in html
    assert "30 days" in html
    assert SECRET not in html
    assert "&lt;script&gt;my own words" in html
    assert incident.ref in page.get("/reports/").content.decode()


def test_it_is_one_statement(viewer: Person, service: Service) -> None:
    reporting.source()
    with CaptureQueriesContext(connection) as captured:
        reporting.file(reporting.Said(asked="x"), key=uuid4(), service=service, by=viewer, now=timezone.now())
    assert len([query for query in captured if "INSERT" in query["sql"]]) == 1
    assert (Delivery.objects.count(), Report.objects.count()) == (1, 1)


def test_a_double_click_files_once(viewer: Person) -> None:
    page, form = signed_in(viewer), said()
    assert went_to(page.post("/reports/new/", form)) == went_to(page.post("/reports/new/", form))
    assert (Delivery.objects.count(), Report.objects.count()) == (1, 1)
    signed_in(make.person()).post("/reports/new/", form)  # another person's key is another report
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ({"answered": "", "expected": " "}, "Say at least what it answered"),
        ({"answered": "x" * 20_001}, "20000"),
        ({"service": "no-such"}, "Select a valid choice"),
        ({"trace_id": "t" * 201}, "200"),
    ],
)
def test_what_cannot_be_taken_is_422_with_the_text_kept(viewer: Person, form: dict[str, str], complaint: str) -> None:
    answer = signed_in(viewer).post("/reports/new/", said(where="and my place", **form))
    assert answer.status_code == 422
    assert complaint in answer.content.decode()
    assert "and my place" in answer.content.decode()
    assert not Report.objects.exists()


def test_five_of_one_service_are_one_incident_and_unknown_ones_are_nobodys(viewer: Person, service: Service) -> None:
    for _ in range(5):
        file(viewer, service)
    lost = file(viewer, where="chat on the help page", by="colleague")
    assert Incident.objects.count() == 2
    assert Alert.objects.filter(incident__service=service).count() == 5
    unrouted = incident_of(lost)
    assert (unrouted.service, unrouted.detected_by) == (None, "internal_user")
    assert unrouted.title == "Wrong answer reported in chat on the help page"


def test_the_built_in_source_is_made_once_and_has_no_switches(viewer: Person, editor: Person) -> None:
    make_first = am.source(reporting.NAME)  # somebody's own of that name does not stand in the way
    file(viewer)
    file(viewer)
    own = Source.objects.get(built_in=True)
    assert own.pk != make_first.pk
    page = signed_in(editor)
    html = page.get(f"/sources/{own.pk}/").content.decode()
    assert "Make a new key" not in html
    assert "Send a test alert" not in html
    for act in ("test", "key", "disable", "enable", "mapping"):
        assert page.post(f"/sources/{own.pk}/{act}/").status_code == 403
    assert page.post(f"/sources/{own.pk}/silence/", {"expected_hours": "4"}).status_code == 302


# ---- who reads the words ----


def test_the_words_are_for_editors_and_who_filed_it(viewer: Person, editor: Person, service: Service) -> None:
    report = file(viewer, service, where="the chat")
    path, stranger = f"/reports/{report.pk}/", signed_in(make.person(role="responder"))
    assert stranger.get(path).status_code == 404
    assert str(report.pk) not in stranger.get("/reports/?show=all").content.decode()
    incident = incident_of(report)
    seen = stranger.get(f"/incidents/{incident.pk}/").content.decode()
    assert "What people reported" in seen
    assert "my own words" not in seen
    for reader in (viewer, editor):
        assert "my own words" in signed_in(reader).get(f"/incidents/{incident.pk}/").content.decode()
        assert signed_in(reader).get(path).status_code == 200
    alert = Alert.objects.get()
    assert "my own words" not in json.dumps([alert.title, alert.summary, alert.labels, alert.name, alert.why])
    assert str(report.pk) in signed_in(editor).get("/reports/?show=all").content.decode()
    assert went_to(Client().get(path)).startswith("/accounts/login/")


# ---- not a problem ----


def dismiss(page: Client, report: Report, why: str = "That is the rule since May.") -> Any:
    return page.post(f"/reports/{report.pk}/dismiss/", {"why": why})


def counted(viewer: Person) -> Asked:
    return about(Window.from_query({}, timezone.now()), viewer)


def test_no_problem_closes_it_with_the_reason_and_counts_in_no_pattern(
    viewer: Person, editor: Person, service: Service
) -> None:
    report = file(viewer, service)
    incident = incident_of(report)
    assert counted(viewer).base.incidents == 1
    assert went_to(dismiss(signed_in(editor), report)) == f"/reports/{report.pk}/"
    incident.refresh_from_db()
    assert (incident.state, incident.resolved_by) == ("resolved", editor)
    assert "That is the rule since May." in TimelineRow.objects.get(incident=incident, kind="note").text
    html = signed_in(viewer).get(f"/reports/{report.pk}/").content.decode()
    assert "That is the rule since May." in html
    assert "Not a problem" in signed_in(viewer).get("/reports/").content.decode()
    assert counted(viewer).base.incidents == 0
    make.finding(incident, by=editor, now=timezone.now())
    scope = counted(viewer).scope
    assert layers.cells(scope) == []
    assert not marks.behind(scope, Selection()).exists()
    assert dismiss(signed_in(editor), report).status_code == 409


def test_an_incident_with_another_report_goes_on(viewer: Person, editor: Person, service: Service) -> None:
    first, second = file(viewer, service), file(viewer, service)
    dismiss(signed_in(editor), first)
    incident = incident_of(second)
    assert incident.state == "open"
    assert counted(viewer).base.incidents == 1
    dismiss(signed_in(editor), second)
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_what_a_dismissed_report_said_of_quality_counts_no_more(
    viewer: Person, editor: Person, service: Service
) -> None:
    first, second = file(viewer, service), file(viewer, service)
    dismiss(signed_in(editor), second)
    signal = QualitySignal.objects.get()
    assert (signal.state, signal.problem_key) == ("failing", first.problem_key)
    dismiss(signed_in(editor), first)
    assert not QualitySignal.objects.exists()


def test_what_was_resolved_by_hand_can_still_be_called_no_problem(
    viewer: Person, editor: Person, service: Service
) -> None:
    report = file(viewer, service)
    lifecycle.resolve(incident_of(report), by=editor, now=timezone.now())
    assert dismiss(signed_in(editor), report).status_code == 302


def test_a_reason_is_needed_and_the_report_must_have_been_read(viewer: Person, editor: Person) -> None:
    page = signed_in(editor)
    number = reporting.file(reporting.Said(asked="x"), key=uuid4(), by=viewer, now=timezone.now())
    report = Report.objects.get(pk=number)
    assert dismiss(page, report).status_code == 409
    am.drain(timezone.now())
    answer = dismiss(page, report, why=" ")
    assert answer.status_code == 422
    assert "Say why it is not a problem" in answer.content.decode()


def test_only_editors_dismiss(viewer: Person) -> None:
    report = file(viewer)
    for person in (viewer, make.person(role="responder")):
        assert dismiss(signed_in(person), report).status_code == 403
    assert Report.objects.get().dismissed_at is None


# ---- lists ----


def test_lists_cost_the_same_for_any_number(viewer: Person, editor: Person, service: Service) -> None:
    counts: dict[str, set[int]] = {"/reports/": set(), "/reports/?show=all": set()}
    for _ in range(2):
        file(viewer, service)
        file(editor)
        for path in ("/reports/", "/reports/?show=all"):
            counts[path].add(queries(signed_in(editor), path))
        incident = Incident.objects.filter(service=service).get()
        counts.setdefault("incident", set()).add(queries(signed_in(editor), f"/incidents/{incident.pk}/"))
    assert {path: len(found) for path, found in counts.items()} == dict.fromkeys(counts, 1)


def test_older_reports_are_a_link_away(viewer: Person) -> None:
    for _ in range(27):
        reporting.file(reporting.Said(asked="x"), key=uuid4(), by=viewer, now=timezone.now())
    page = signed_in(viewer)
    following = page.get("/reports/").context["page"].following
    assert len(page.get("/reports/", {"after": following}).context["page"].rows) == 2


def test_the_button_stands_in_the_top_bar_for_everybody(viewer: Person) -> None:
    assert 'href="/reports/new/"' in signed_in(viewer).get("/").content.decode()


def test_once_the_body_is_gone_the_page_says_so(viewer: Person) -> None:
    report = file(viewer)
    Delivery.objects.filter(pk=report.pk).update(body=b"")
    assert "no longer kept" in signed_in(viewer).get(f"/reports/{report.pk}/").content.decode()


# ---- the API ----


def client(person: Person, scope: str = "write") -> APIClient:
    _, secret = tokens.make(person, label="", scope=scope, now=timezone.now())
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return made


def test_the_api_files_once_for_a_key(viewer: Person, service: Service) -> None:
    api, body = client(viewer), {"answered": "x", "service": service.slug, "trace_id": "t-1"}
    first = api.post("/api/v1/reports/", body, format="json", headers={"Idempotency-Key": "a b"})
    second = api.post("/api/v1/reports/", body, format="json", headers={"Idempotency-Key": "a b"})
    assert (first.status_code, first.data["id"]) == (201, second.data["id"])
    assert (first.data["state"], first.data["answered"], first.data["incident"]) == ("being read", "x", None)
    api.post("/api/v1/reports/", body, format="json")
    assert Report.objects.count() == 2
    am.drain(timezone.now())
    (later, _) = api.get("/api/v1/reports/").data["results"]
    assert (later["state"], later["answered"], later["service"]) == ("open", None, service.slug)
    assert later["incident"] == Incident.objects.get().pk


def test_the_api_refuses_with_the_field(viewer: Person) -> None:
    answer = client(viewer).post("/api/v1/reports/", {"where": "here"}, format="json")
    assert (answer.status_code, list(answer.data["errors"])) == (422, ["answered"])


def test_tokens_that_only_send_may_file_and_nothing_else(viewer: Person, editor: Person) -> None:
    assert client(viewer, "ingest").post("/api/v1/reports/", {"asked": "x"}, format="json").status_code == 201
    assert client(viewer, "read").post("/api/v1/reports/", {"asked": "x"}, format="json").status_code == 403
    am.drain(timezone.now())
    number = Report.objects.get().pk
    assert client(editor, "ingest").get("/api/v1/reports/").status_code == 403
    path = f"/api/v1/reports/{number}/dismiss/"
    assert client(editor, "ingest").post(path, {"why": "x"}, format="json").status_code == 403
    assert client(viewer).post(path, {"why": "x"}, format="json").status_code == 403
    assert client(make.person()).get(f"/api/v1/reports/{number}/").status_code == 404
    assert client(editor).post(path, {"why": "x"}, format="json").data["state"] == "not a problem"
