"""Which control should have held: actions that earlier postmortems of the same mode on the same service decided on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.alerts import suspecting
from incidents.postmortems import acting, settling
from incidents.postmortems.models import Action, Postmortem
from incidents.postmortems.queries import controls
from incidents.response.models import Finding, Incident
from incidents.response.queries import visible
from ownership.models import Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.postmortems import factories as pm
from tests.incidents.postmortems.factories import RETRIES
from tests.incidents.postmortems.visits import signed_in, url

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def decided(
    service: Service, title: str, *, mode: str = RETRIES, due: date | None = None, done: bool = False
) -> Action:
    """An action of a published postmortem of an incident of last month."""
    maya = make.person()
    then = make.incident(f"Before {title}", service=service, by=maya, now=NOON - timedelta(days=30))
    make.finding(then, mode)
    postmortem = pm.draft(incident=then, by=maya)
    action = acting.add(
        postmortem, title=title, owner=maya, due_on=due, finding_line=Finding.objects.get(incident=then).line,
        by=maya, now=NOON,
    )  # fmt: skip
    Postmortem.objects.filter(pk=postmortem.pk).update(published_at=NOON, published_by=maya)
    if done:
        settling.mark_done(action, by=maya, now=NOON)
    return action


def of(incident: Incident) -> list[tuple[str, str]]:
    found = controls.of(Incident.objects.get(pk=incident.pk), make.person(), today=TODAY)
    return [(one.action.title, one.state) for one in found.rows] if found else []


@pytest.fixture
def answers() -> Service:
    return make.service("Answers")


@pytest.fixture
def incident(answers: Service) -> Incident:
    incident = make.incident("Slow again", service=answers)
    Incident.objects.filter(pk=incident.pk).update(
        suggested_layer="integration", suggestion={"mode": RETRIES, "why": "x"}
    )
    return incident


def test_the_same_mode_on_the_same_service(answers: Service, incident: Incident) -> None:
    decided(answers, "One retrying layer", due=TODAY - timedelta(days=1))
    decided(answers, "Back-pressure", due=TODAY + timedelta(days=9))
    decided(answers, "Timeout", done=True)
    decided(answers, "Another mode", mode="data.schema_drift")
    decided(make.service(), "Elsewhere")
    assert of(incident) == [("One retrying layer", "overdue"), ("Back-pressure", "todo"), ("Timeout", "done")]


def test_what_was_found_counts_like_what_is_suggested(answers: Service) -> None:
    decided(answers, "One retrying layer")
    incident = make.incident(service=answers)
    assert of(incident) == []
    make.finding(incident, RETRIES)
    assert of(incident) == [("One retrying layer", "todo")]


def test_what_a_draft_lists_is_not_decided_yet(answers: Service, incident: Incident) -> None:
    then = pm.draft(service=answers, title="Before")
    Incident.objects.filter(pk=then.incident_id).update(detected_at=NOON - timedelta(days=9))
    (found,) = pm.standing(then)
    pm.action(then, finding_line=found.line)
    assert of(incident) == []
    Postmortem.objects.filter(pk=then.pk).update(published_at=NOON, published_by=then.author)
    assert [title for title, _ in of(incident)] == ["Cap the retries"]


def test_of_incidents_that_one_may_not_see_nothing_is_told(
    answers: Service, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = decided(answers, "Secret").postmortem.incident_id
    monkeypatch.setattr(visible, "clause", lambda viewer, of="": ~Q(**{f"{of}__pk" if of else "pk": hidden}))
    assert of(incident) == []


def test_the_number_of_queries_does_not_grow(answers: Service, incident: Incident) -> None:
    decided(answers, "First")
    with CaptureQueriesContext(connection) as few:
        assert len(of(incident)) == 1
    for number in range(7):
        decided(answers, f"More {number}")
    with CaptureQueriesContext(connection) as many:
        assert len(of(incident)) == controls.SHOWN
    assert len(few) == len(many)


def test_the_page_asks_which_control_should_have_held(answers: Service, incident: Incident) -> None:
    action = decided(answers, "One retrying layer", due=date(2020, 1, 1))
    browser = Client()
    browser.force_login(make.person(role="viewer"))
    shown = browser.get(f"/incidents/{incident.pk}/").content.decode()
    for words in ("Which control should have held?", "One retrying layer", "Overdue", action.postmortem.incident.ref):
        assert words in shown


def test_a_suspected_change_is_evidence_with_a_link() -> None:
    maya = make.person()
    incident = pm.resolved(by=maya, mode=None)
    change = am.change("Index v12", of=make.component("Index"))
    browser = signed_in(maya)
    postmortem = pm.draft(incident=incident, by=maya)
    suspecting.suspect(incident, change, why="", by=maya, now=NOON)
    form = browser.get(url(postmortem, "findings/new/")).content.decode()
    assert f'value="change:{change.line}"' in form
    assert "<small>suspected</small>" in form
    said = {"mode": RETRIES, "role": "cause", "confidence": "probable", "evidence": ""}
    assert browser.post(url(postmortem, "findings/new/"), said).status_code == 422
    assert (
        browser.post(url(postmortem, "findings/new/"), {**said, "links": [f"change:{change.line}"]}).status_code == 302
    )
    finding = Finding.objects.get(incident=incident, superseded_at=None)
    assert (finding.evidence, finding.links) == ("", [{"kind": "change", "id": str(change.line)}])
    shown = browser.get(url(postmortem)).content.decode()
    assert f'<a href="{change.get_absolute_url()}">Index v12, Index</a>' in shown
