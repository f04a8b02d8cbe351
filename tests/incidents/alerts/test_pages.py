"""The pages of sources, as each persona, with and without htmx."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import intake, settling
from incidents.alerts.models import Alert, Delivery, Source
from incidents.response.models import Incident, TimelineRow
from ownership.models import Person
from ownership.signing import digest_of
from tests import factories as make
from tests.incidents.alerts import factories as am
from web import registry

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "deliveries", "HX-Current-URL": "http://testserver/sources/1/"}
POSTS = ("test", "key", "disable", "enable")
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in(make.person("Priya Nair", role="editor"))


@pytest.fixture
def responder() -> Client:
    return signed_in(make.person(role="responder"))


@pytest.fixture
def source() -> Source:
    return am.source("Main cluster")


def went_to(answer: Any) -> str:
    """Where the browser is sent: a redirect, or htmx's header."""
    return str(answer.headers.get("Location") or answer.headers.get("HX-Redirect", ""))


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


# ---- the list ----


def test_the_list_names_sources_to_everybody(responder: Client, source: Source) -> None:
    am.deliver(source, am.alert())
    am.deliver(source, raw=b"[]")
    am.deliver(source, raw=b"{")
    html = responder.get("/sources/").content.decode()
    assert "Main cluster" in html
    assert "Connect a source" not in html
    assert '<td data-label="Waiting" class="num">2</td>' in html
    assert '?show=rejected">1</a>' in html


def test_the_list_costs_the_same_for_any_number(editor: Client) -> None:
    counts = set()
    for item_count in (1, 3):
        while Source.objects.count() < item_count:
            am.deliver(am.source(), raw=b"{")
        counts.add(queries(editor, "/sources/"))
    assert len(counts) == 1


def test_an_empty_list_says_what_to_do(editor: Client) -> None:
    assert "Nothing sends alerts here yet" in editor.get("/sources/").content.decode()


def test_strangers_are_sent_to_sign_in(source: Source) -> None:
    for path in ("/sources/", "/sources/new/", f"/sources/{source.pk}/"):
        assert went_to(Client().get(path)).startswith("/accounts/login/")


# ---- connecting ----


def test_the_key_is_shown_once(editor: Client) -> None:
    answer = editor.post("/sources/new/", {"kind": "alertmanager", "name": "Main cluster"})
    source = Source.objects.get()
    assert went_to(answer) == f"/sources/{source.pk}/"
    first = editor.get(f"/sources/{source.pk}/")
    html = first.content.decode()
    url = first.context["hook_url"]
    assert html.count(url) == 2  # alone, and in the configuration
    assert am.live_keys(source) == [digest_of(url.rstrip("/").rsplit("/", 1)[1])]
    assert first["Cache-Control"] == "no-store"
    assert "webhook_configs" in html
    again = editor.get(f"/sources/{source.pk}/").content.decode()
    assert url not in again
    assert "THE-KEY" in again


@BOTH
def test_a_name_taken_is_422_with_the_text_kept(editor: Client, source: Source, headers: dict[str, str]) -> None:
    answer = editor.post("/sources/new/", {"kind": "alertmanager", "name": " Main  cluster "}, headers=headers)
    assert answer.status_code == 422
    assert "A source with this name exists already" in answer.content.decode()
    assert "Main  cluster" in answer.content.decode()
    assert Source.objects.count() == 1


def test_an_unknown_kind_is_422(editor: Client) -> None:
    assert editor.post("/sources/new/", {"kind": "smoke-signals", "name": "Hill"}).status_code == 422
    assert not Source.objects.exists()


def test_only_editors_connect(responder: Client) -> None:
    assert responder.get("/sources/new/").status_code == 403
    assert responder.post("/sources/new/", {"kind": "alertmanager", "name": "x"}).status_code == 403


# ---- managing ----


@pytest.mark.parametrize("act", POSTS)
def test_only_editors_manage(responder: Client, source: Source, act: str) -> None:
    keys = am.live_keys(source)
    assert responder.post(f"/sources/{source.pk}/{act}/").status_code == 403
    assert not Delivery.objects.exists()
    assert am.live_keys(source) == keys


@pytest.mark.parametrize("act", POSTS)
def test_managing_is_by_post(editor: Client, source: Source, act: str) -> None:
    assert editor.get(f"/sources/{source.pk}/{act}/").status_code == 405


@BOTH
def test_a_new_key_takes_over_from_the_old(editor: Client, source: Source, headers: dict[str, str]) -> None:
    old = am.live_keys(source)
    answer = editor.post(f"/sources/{source.pk}/key/", headers=headers)
    assert went_to(answer) == f"/sources/{source.pk}/"
    url = editor.get(f"/sources/{source.pk}/").context["hook_url"]
    assert am.live_keys(source) == [digest_of(url.rstrip("/").rsplit("/", 1)[1]), *old]


@BOTH
def test_disable_and_enable(editor: Client, source: Source, headers: dict[str, str]) -> None:
    editor.post(f"/sources/{source.pk}/disable/", headers=headers)
    html = editor.get(f"/sources/{source.pk}/").content.decode()
    assert "Enable it" in html
    assert "Send a test alert</button>" not in html
    assert editor.post(f"/sources/{source.pk}/test/").status_code == 409
    editor.post(f"/sources/{source.pk}/enable/", headers=headers)
    assert Source.objects.get().disabled_at is None


# ---- the test button ----


@BOTH
def test_the_test_button_proves_the_whole_way(editor: Client, source: Source, headers: dict[str, str]) -> None:
    editor.post(f"/sources/{source.pk}/test/", headers=headers)
    assert list(Delivery.objects.values_list("is_test", "state")) == [(True, "waiting")] * 2
    am.drain(timezone.now())
    incident, alert = Incident.objects.get(), Alert.objects.get()
    assert (incident.title, incident.severity, incident.service) == ("Test alert from Main cluster", "sev4", None)
    assert (alert.is_test, alert.resolved_at is not None, alert.incident) == (True, True, incident)
    assert "test button" in incident.chain["why"]
    html = editor.get(f"/sources/{source.pk}/").content.decode()
    assert incident.ref in html
    assert "Make it a component" not in editor.get(f"/incidents/{incident.pk}/").content.decode()
    assert settling.settle(now=timezone.now() + timedelta(minutes=5)) == 1
    incident.refresh_from_db()
    assert incident.resolved_how == "alerts"


def test_two_tests_are_two_alerts_of_one_incident(source: Source) -> None:
    person = make.person(role="editor")
    for _ in range(2):
        intake.send_test(source, by=person, now=timezone.now())
    am.drain(timezone.now())
    assert (Alert.objects.count(), Incident.objects.count()) == (2, 1)


# ---- deliveries ----


def test_deliveries_show_state_and_reason(responder: Client, source: Source) -> None:
    am.deliver(source, raw=b"{")
    html = responder.get(f"/sources/{source.pk}/").content.decode()
    assert "Rejected" in html
    assert "not JSON" in html
    assert "Try again" not in html


def test_only_rejected_ones_on_request(editor: Client, source: Source) -> None:
    am.deliver(source, am.alert())
    assert "Nothing was rejected" in editor.get(f"/sources/{source.pk}/?show=rejected").content.decode()
    am.deliver(source, raw=b"{")
    shown = editor.get(f"/sources/{source.pk}/?show=rejected").context["page"].deliveries.rows
    assert [delivery.state for delivery in shown] == ["rejected"]


def test_a_source_costs_the_same_for_any_number(editor: Client, source: Source) -> None:
    counts = set()
    for item_count in (1, 3):
        while Alert.objects.count() < item_count:
            am.send(source, am.alert(f"A{Alert.objects.count()}"))
        counts.add(queries(editor, f"/sources/{source.pk}/"))
    assert len(counts) == 1


def test_older_deliveries_are_a_link_away(editor: Client, source: Source) -> None:
    for number in range(30):
        am.deliver(source, am.alert(), at=am.minutes(number))
    page = editor.get(f"/sources/{source.pk}/")
    following = page.context["page"].deliveries.following
    older = f"?{urlencode({'after': following})}"
    assert older in page.content.decode()
    assert len(editor.get(f"/sources/{source.pk}/{older}").context["page"].deliveries.rows) == 5


def test_while_something_waits_the_part_asks_again(editor: Client, source: Source) -> None:
    delivery = am.deliver(source, am.alert())
    part = editor.get(f"/sources/{source.pk}/", headers=HTMX).content.decode()
    assert part.lstrip().startswith('<div class="stack" id="deliveries"')
    assert "every 2s" in part
    am.drain()
    delivery.refresh_from_db()
    assert "every 2s" not in editor.get(f"/sources/{source.pk}/", headers=HTMX).content.decode()


def test_the_raw_body_is_for_editors_and_escaped(editor: Client, responder: Client, source: Source) -> None:
    delivery = am.deliver(source, am.alert(summary="<script>alert(1)</script>"))
    path = f"/sources/{source.pk}/deliveries/{delivery.pk}/"
    assert responder.get(path).status_code == 403
    html = editor.get(path).content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html
    other = am.source()
    assert editor.get(f"/sources/{other.pk}/deliveries/{delivery.pk}/").status_code == 404


def test_what_was_read_in_part_is_counted_and_listed(editor: Client, source: Source) -> None:
    am.send(source, am.alert())
    assert "Read in part" not in editor.get(f"/sources/{source.pk}/").content.decode()
    am.send(source, am.alert("Good"), {"status": "on fire", "labels": {"alertname": "Bad"}})
    page = editor.get(f"/sources/{source.pk}/?show=part")
    assert [one.reason for one in page.context["page"].deliveries.rows] == [
        'alert 2: its status is "on fire", neither firing nor resolved'
    ]
    assert page.context["page"].row.in_part == 1


@BOTH
def test_a_rejected_delivery_can_be_tried_again(editor: Client, source: Source, headers: dict[str, str]) -> None:
    delivery = am.rejected(source)
    path = f"/sources/{source.pk}/deliveries/{delivery.pk}/replay/"
    assert went_to(editor.post(path, headers=headers)) == f"/sources/{source.pk}/"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.attempts) == ("waiting", "", 0)
    assert editor.post(path, headers=headers).status_code == 409


def test_replaying_is_for_editors(responder: Client, source: Source) -> None:
    delivery = am.deliver(source, raw=b"{")
    assert responder.post(f"/sources/{source.pk}/deliveries/{delivery.pk}/replay/").status_code == 403


# ---- the incident's panel ----


def test_the_incident_lists_its_alerts_and_says_why(responder: Client, source: Source) -> None:
    am.send(source, *[am.alert(instance=str(number)) for number in range(23)])
    incident = Incident.objects.get()
    html = responder.get(f"/incidents/{incident.pk}/").content.decode()
    assert "23 firing of 23" in html
    assert html.count("HighLatency is firing") >= 20
    assert "and 3 more" in html
    assert "no alias, component or service fits its labels" in html
    assert 'href="http://prometheus.example.org/graph?g0.expr=up"' in html
    assert "Make it a component" not in html  # editors do that


def test_the_panel_costs_the_same_for_any_number(responder: Client, source: Source) -> None:
    counts = set()
    for count in (1, 3):
        am.send(source, *[am.alert(f"N{count}", instance=str(number)) for number in range(count)])
        counts.add(queries(responder, f"/incidents/{Incident.objects.latest('pk').pk}/"))
    assert len(counts) == 1


def test_an_incident_without_alerts_has_no_panel(responder: Client) -> None:
    assert "members-title" not in responder.get(f"/incidents/{make.incident().pk}/").content.decode()


# ---- the first run ----


def test_the_first_two_steps_of_the_checklist(editor: Client, source: Source) -> None:
    def steps() -> list[bool]:
        mine = [step for step in registry.steps_for(Person.objects.latest("pk")) if step.order in {10, 20}]
        return [step.done for step in mine]

    assert steps() == [True, False]
    am.send(source, am.alert())
    assert steps() == [True, True]
    assert TimelineRow.objects.exists()
