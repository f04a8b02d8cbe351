"""Resolving by hand while alerts still fire: it is said, asked for, and what fires on is noted, not lost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.alerts.models import Alert
from incidents.response import lifecycle
from incidents.response.models import Incident, TimelineRow
from ownership import tokens
from ownership.models import Person
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes
from web import registry
from web.errors import Doubted

pytestmark = pytest.mark.django_db
TICK = {"still_firing": "on"}


@pytest.fixture
def incident() -> Incident:
    """Two of its three alerts still fire."""
    make.service("Support answers")
    source = am.source()
    am.send(source, *[am.alert(name, service="support-answers") for name in ("Slow", "Down", "Over")])
    am.send(source, am.alert("Over", service="support-answers", ends=minutes(1)), at=minutes(1))
    return Incident.objects.get()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def resolved_all_the_same(incident: Incident) -> None:
    lifecycle.resolve(incident, by=make.person(), now=minutes(5), despite=["still_firing"])


def again(name: str, at: float, **said: object) -> None:
    source = Alert.objects.order_by("pk")[0].source
    am.send(source, am.alert(name, service="support-answers", **said), at=minutes(at))


def test_the_form_says_which_still_fire_and_asks_for_a_tick(incident: Incident) -> None:
    client = signed_in(make.person())
    url = f"/incidents/{incident.pk}/resolve/"
    page = client.get(url).content.decode()
    assert "Resolve although 2 alerts still fire" in page
    assert "Down is firing" in page
    assert "Over is firing" not in page
    refused = client.post(url, {"what": "", "evidence": "a graph"})
    assert refused.status_code == 422
    assert "a graph" in refused.content.decode()
    incident.refresh_from_db()
    assert incident.resolved_at is None
    assert client.post(url, {"what": "", **TICK}).status_code == 302
    incident.refresh_from_db()
    assert incident.resolved_how == "person"
    row = TimelineRow.objects.get(kind="resolved")
    assert row.text.startswith("Although 2 alerts still fire: “")


def test_an_alerts_title_is_never_markup() -> None:
    make.service("Support answers")
    evil = '<b hx-post="/people/" hx-trigger="load">x</b>'
    am.send(am.source(), am.alert("Evil", service="support-answers", summary=evil))
    incident = Incident.objects.get()
    for url in (f"/incidents/{incident.pk}/resolve/", f"/incidents/{incident.pk}/"):
        page = signed_in(make.person()).get(url).content.decode()
        assert "&lt;b hx-post=" in page
        assert "<b hx-post=" not in page


def test_nothing_is_asked_when_none_fires() -> None:
    one = make.incident()
    client = signed_in(make.person())
    assert "still_firing" not in client.get(f"/incidents/{one.pk}/resolve/").content.decode()
    assert client.post(f"/incidents/{one.pk}/resolve/", {"what": ""}).status_code == 302


def test_the_act_itself_refuses_so_no_door_can_forget_it(incident: Incident) -> None:
    with pytest.raises(Doubted, match="2 alerts still fire") as refused:
        lifecycle.resolve(incident, by=make.person(), now=minutes(5))
    assert (refused.value.status, refused.value.code, refused.value.field) == (422, "still_firing", "still_firing")


def test_over_the_api_it_is_named(incident: Incident) -> None:
    person = make.person()
    _, secret = tokens.make(person, label="x", scope="write", now=make.NOON)
    client = Client(headers={"Authorization": f"Token {secret}"})
    at = f"/api/v1/incidents/{incident.pk}/resolve/"
    refused = client.post(at, {}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "still_firing")
    done = client.post(at, {"despite": ["still_firing"]}, content_type="application/json")
    assert (done.status_code, done.json()["state"]) == (200, "resolved")


def test_what_speaks_against_many_costs_one_query(incident: Incident) -> None:
    others = [make.incident().pk for _ in range(3)]
    with CaptureQueriesContext(connection) as captured:
        found = registry.guards_for("resolve", [incident.pk, *others])
    assert (set(found), len(captured)) == ({incident.pk}, 1)


def test_what_fires_on_is_noted_once_and_opens_nothing(incident: Incident) -> None:
    resolved_all_the_same(incident)
    for minute in (10, 20, 30):
        again("Slow", minute)
    row = TimelineRow.objects.get(kind="still_firing")
    assert (row.incident, row.at, row.text) == (incident, minutes(10), "Slow is firing")
    assert "its next beginning is grouped anew" in row.why
    again("Down", 31)
    assert TimelineRow.objects.filter(kind="still_firing").count() == 2
    assert Incident.objects.count() == 1
    assert Alert.objects.get(name="Slow").times_seen == 4


def test_its_next_beginning_opens_a_new_incident(incident: Incident) -> None:
    am.policy(incident.service, reopen_minutes=600)
    resolved_all_the_same(incident)
    again("Slow", 6, ends=minutes(6))
    again("Slow", 8, starts=minutes(8))
    incident.refresh_from_db()
    assert incident.resolved_at == minutes(5)
    new = Incident.objects.exclude(pk=incident.pk).get()
    assert Alert.objects.get(name="Slow", resolved_at=None).incident == new


def test_repeats_of_an_open_incident_are_not_noted(incident: Incident) -> None:
    again("Slow", 10)
    assert not TimelineRow.objects.filter(kind="still_firing").exists()
