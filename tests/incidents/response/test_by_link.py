"""Acknowledging from a message, without signing in: for whom the link is good, until when, and what it never does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from incidents.response import escalating, lifecycle, merging, signed
from incidents.response.models import Escalation, Incident, TimelineRow
from ownership.models import Assignment, Notice, Person
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def priya() -> Person:
    return make.person("Priya Nair")


@pytest.fixture
def incident(priya: Person) -> Incident:
    service = make.service("Support answers", owner=priya)
    return make.incident("Slow answers", service=service, severity="sev2", now=timezone.now())


@pytest.fixture
def link(incident: Incident) -> str:
    escalating.sweep(now=timezone.now())
    return str(Notice.objects.get().act_path)


def test_looking_shows_it_and_changes_nothing(incident: Incident, link: str) -> None:
    for method in ("get", "head", "get"):
        answer = getattr(Client(), method)(link)
        assert answer.status_code == 200
    said = answer.content.decode()
    for expected in ("SEV2", f"INC-{incident.pk}", "Slow answers", "Support answers", "Acknowledge as Priya Nair"):
        assert expected in said
    assert Incident.objects.get().acknowledged_at is None
    assert answer["Cache-Control"].startswith("max-age=0")


def test_the_button_acknowledges_as_that_person_and_stops_the_ladder(link: str, priya: Person) -> None:
    answer = Client().post(link)
    assert answer.status_code == 200
    assert "Done." in answer.content.decode()
    incident = Incident.objects.get()
    assert (incident.acknowledged_by, incident.ball) == (priya, priya)
    assert Escalation.objects.get().taken_by == priya
    assert Client().post(link).status_code == 200  # twice is once
    assert TimelineRow.objects.filter(kind="acknowledged").count() == 1


def test_it_asks_for_the_token_of_its_own_form(link: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(link).status_code == 403
    browser.get(link)
    token = browser.cookies["csrftoken"].value
    assert browser.post(link, {"csrfmiddlewaretoken": token}).status_code == 200


def test_what_somebody_else_has_or_what_is_over_is_said(incident: Incident, link: str) -> None:
    maya = make.person("Maya Okafor")
    lifecycle.acknowledge(incident, by=maya, now=timezone.now())
    said = Client().get(link).content.decode()
    assert "Maya Okafor acknowledged it" in said
    assert "<form" not in said.split("<footer>")[0]
    lifecycle.resolve(incident, by=maya, now=timezone.now())
    assert "It is over" in Client().get(link).content.decode()
    answer = Client().post(link)
    assert (answer.status_code, "resolved" in answer.content.decode()) == (409, True)


def test_it_works_again_after_the_incident_came_back(incident: Incident, link: str, priya: Person) -> None:
    maya = make.person("Maya Okafor")
    lifecycle.acknowledge(incident, by=maya, now=timezone.now())
    lifecycle.resolve(incident, by=maya, now=timezone.now())
    lifecycle.reopen(incident, reason="back", by=maya, now=timezone.now())
    assert "Acknowledge as Priya Nair" in Client().get(link).content.decode()
    Client().post(link)
    assert Incident.objects.get().ball == priya


def test_it_ends_after_three_days(incident: Incident, priya: Person) -> None:
    old = timezone.now() - signed.LASTS - timedelta(minutes=1)
    path = signed.act(incident_id=incident.pk, person_id=priya.pk, now=old).path
    for method in ("get", "post"):
        answer = getattr(Client(), method)(path)
        assert answer.status_code == 410
        assert "Slow answers" not in answer.content.decode()
    assert Incident.objects.get().acknowledged_at is None


def test_a_link_that_is_not_ours_is_refused(incident: Incident, link: str, priya: Person) -> None:
    forged = signing.Signer(salt="something else").sign_object([incident.pk, priya.pk, 0])
    odd = signing.Signer(salt="incidents.response.acknowledge").sign_object({"a": 1})
    for path in (link[:-2] + "/", f"/acknowledge/{forged}/", f"/acknowledge/{odd}/", "/acknowledge/x/"):
        answer = Client().post(path)
        assert (answer.status_code, "Slow answers" in answer.content.decode()) == (404, False)


@pytest.mark.parametrize("fields", [{"is_active": False}, {"role": "viewer"}])
def test_who_may_not_work_on_it_any_more_is_refused(link: str, priya: Person, fields: dict[str, object]) -> None:
    Person.objects.filter(pk=priya.pk).update(**fields)
    for method in ("get", "post"):
        answer = getattr(Client(), method)(link)
        assert (answer.status_code, "Slow answers" in answer.content.decode()) == (403, False)
    assert Incident.objects.get().acknowledged_at is None


def test_a_title_is_text(priya: Person) -> None:
    make.incident("<script>alert(1)</script>", service=make.service(owner=priya), now=timezone.now())
    escalating.sweep(now=timezone.now())
    assert "<script>alert" not in Client().get(Notice.objects.get().act_path).content.decode()


def test_who_may_no_longer_see_it_is_refused(incident: Incident, link: str, priya: Person) -> None:
    Incident.objects.update(private=True)
    assert Client().get(link).status_code == 200  # it is her service
    Assignment.objects.filter(person=priya).update(superseded_at=timezone.now())
    for method in ("get", "post"):
        answer = getattr(Client(), method)(link)
        assert (answer.status_code, "Slow answers" in answer.content.decode()) == (403, False)
    assert Incident.objects.get().acknowledged_at is None


def test_what_was_merged_says_where_its_story_goes_on(incident: Incident, link: str) -> None:
    maya = make.person()
    other = make.incident("The same", by=maya, now=timezone.now())
    merging.merge(incident, into=other, by=maya, now=timezone.now())
    assert f"It was merged into INC-{other.pk}" in Client().get(link).content.decode()
    assert Client().post(link).status_code == 409
