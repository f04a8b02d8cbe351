"""The page of waits and the ladder on an incident's page, as owner, teammate, stranger and viewer."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from incidents.response import escalating, lifecycle
from incidents.response.models import EscalationWait, Incident
from ownership.models import Person
from tests import factories as make

pytestmark = pytest.mark.django_db
PAGE = "/escalation/"
TIERS = {"act": "tiers", "t1": "5", "t2": "10", "t3": "15", "t4": ""}


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_only_editors_change_it_and_everybody_here_reads_it() -> None:
    assert Client().get(PAGE).status_code == Client().post(PAGE, TIERS).status_code == 302
    for role in ("viewer", "responder"):
        browser = signed_in(make.person(role=role))
        assert "15 min" in browser.get(PAGE).content.decode()
        assert browser.post(PAGE, TIERS).status_code == 403
    assert not EscalationWait.objects.exists()
    for role in ("editor", "admin"):
        assert signed_in(make.person(role=role)).post(PAGE, TIERS).status_code == 302
    said = dict(EscalationWait.objects.values_list("tier", "minutes"))
    assert said == {"t1": 5, "t2": 10, "t3": 15, "t4": None}


def test_a_service_may_want_it_otherwise() -> None:
    service = make.service("Support answers")
    browser = signed_in(make.person(role="editor"))
    browser.post(PAGE, {"act": "service", "service": service.pk, "minutes": "3"})
    assert EscalationWait.objects.get().minutes == 3
    said = browser.get(PAGE).content.decode()
    assert "Support answers" in said
    browser.post(PAGE, {"act": "drop", "service": service.pk})
    assert not EscalationWait.objects.exists()


@pytest.mark.parametrize("posted", [{**TIERS, "t1": "0"}, {**TIERS, "t2": "x"}, {"act": "service", "minutes": "3"}, {}])
def test_what_makes_no_sense_is_refused(posted: dict[str, str]) -> None:
    browser = signed_in(make.person(role="editor"))
    assert browser.post(PAGE, posted).status_code == 422
    assert not EscalationWait.objects.exists()


def test_the_incident_shows_who_was_told_and_who_is_next() -> None:
    priya, dina = make.person("Priya Nair"), make.person("Dina Roth")
    service = make.service(owner=priya)
    make.assignment(service, dina, role="deputy")
    now = timezone.now()
    incident = make.incident("Slow", service=service, now=now)
    browser = signed_in(make.person("Maya", role="viewer"))
    assert "Nobody yet; the first who answers" in browser.get(f"/incidents/{incident.pk}/").content.decode()
    escalating.sweep(now=now)
    said = browser.get(f"/incidents/{incident.pk}/").content.decode()
    assert "accountable, told" in said
    assert "Next: <b>Dina Roth</b>" in said
    lifecycle.acknowledge(incident, by=priya, now=now)
    said = browser.get(f"/incidents/{incident.pk}/").content.decode()
    assert "Stopped, because Priya Nair acknowledged it." in said
    assert "Next:" not in said


def test_what_came_back_offers_to_be_taken_again() -> None:
    priya = make.person("Priya Nair")
    now = timezone.now()
    incident = make.incident("Slow", service=make.service(owner=priya), now=now)
    lifecycle.acknowledge(incident, by=priya, now=now)
    lifecycle.resolve(incident, by=priya, now=now)
    lifecycle.reopen(incident, reason="back", by=priya, now=now)
    browser = signed_in(priya)
    assert "I have it" in browser.get(f"/incidents/{incident.pk}/").content.decode()
    browser.post(f"/incidents/{incident.pk}/acknowledge/")
    assert "I have it" not in browser.get(f"/incidents/{incident.pk}/").content.decode()


def test_programs_read_the_ladder_of_what_they_may_see() -> None:
    priya, now = make.person("Priya Nair"), timezone.now()
    incident = make.incident("Slow", service=make.service(owner=priya), severity="sev2", now=now)
    escalating.sweep(now=now)
    lifecycle.acknowledge(incident, by=priya, now=now)
    path, stranger = f"/api/v1/incidents/{incident.pk}/escalation/", signed_in(make.person(role="viewer"))
    (said,) = stranger.get(path).json()["results"]
    assert (said["round"], said["reason"], said["taken_by"], said["due_at"] is None) == (
        1,
        "opened",
        priya.email,
        False,
    )
    assert [(step["rung"], step["told"], step["why"]) for step in said["steps"]] == [(1, [priya.pk], "it opened")]
    Incident.objects.update(private=True)
    assert stranger.get(path).status_code == 404
    assert Client().get(path).status_code in (401, 403)
