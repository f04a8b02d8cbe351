"""From an incident that nobody answers for to a rule, and what an incident tells of rules."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.alerts.models import Alert
from incidents.response.models import Incident
from ownership.models import Component, Service
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.rule_visits import about, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return signed_in(make.person("Maya Okafor", role="editor"))


@pytest.fixture
def service() -> Service:
    return make.service("Fraud score", owner=make.person("Priya Nair"), tier="t1")


@pytest.fixture
def pipeline(service: Service) -> Component:
    return make.component("Feature pipeline", of=service)


@pytest.fixture
def unrouted() -> Incident:
    am.send(am.source(), am.alert("IndexStale", job="feat-age", severity="critical", instance="node-1"))
    return Incident.objects.get()


def test_an_incident_that_nobody_answers_for_becomes_a_rule(
    editor: Client, unrouted: Incident, pipeline: Component
) -> None:
    address = f"/rules/subject/new/?incident={unrouted.pk}"
    assert address in editor.get(f"/incidents/{unrouted.pk}/").content.decode()
    form = editor.get(address).context["form"]
    assert [(row["what"].value(), row["label"].value(), row["condition"].value()) for row in form.rows][:2] == [
        ("label", "job", "feat-age"),
        ("name", "", "IndexStale"),
    ]
    answer = editor.post("/rules/subject/new/", about(pipeline, incident=str(unrouted.pk)))
    assert answer["Location"] == f"/incidents/{unrouted.pk}/"
    unrouted.refresh_from_db()
    assert (unrouted.component, unrouted.severity) == (pipeline, "sev1")
    assert "rule 1 v1: label job=feat-age" in unrouted.chain["why"]
    alert = Alert.objects.get()
    assert (alert.component, str(alert.rule)) == (pipeline, "rule 1 v1")
    am.send(am.source(), am.alert("Another", job="feat-sex"))
    assert Alert.objects.get(name="Another").incident == unrouted


def test_a_rule_that_says_nothing_of_the_incident_leaves_it(
    editor: Client, unrouted: Incident, pipeline: Component
) -> None:
    said = about(pipeline, incident=str(unrouted.pk), condition_0="other-*")
    page = editor.post("/rules/subject/new/", said, follow=True).content.decode()
    assert "It says nothing of" in page
    unrouted.refresh_from_db()
    assert unrouted.service is None


def test_responders_are_not_offered_what_they_may_not(unrouted: Incident) -> None:
    page = signed_in(make.person(role="responder")).get(f"/incidents/{unrouted.pk}/").content.decode()
    assert "Make it a rule" not in page


def test_the_incident_shows_what_its_alerts_suggest(editor: Client) -> None:
    am.send(am.source(), am.alert(summary="Schema drift in orders"))
    page = editor.get(f"/incidents/{Incident.objects.get().pk}/").content.decode()
    assert "What its alerts suggest" in page
    assert "because built-in rule data.schema v1: “schema drift” in its text" in page
