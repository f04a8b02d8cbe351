"""Alerts that nobody answers for become a component of a service in one step."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.alerts import adopting
from incidents.alerts.models import Alert
from incidents.response import opening
from incidents.response.models import Incident
from ownership.models import Alias, Component, Part, Person, Service
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes
from web.errors import DomainError

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "main", "HX-Current-URL": "http://testserver/incidents/1/"}
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make.person(role=role))
    return client


@pytest.fixture
def service() -> Service:
    return make.service("Support answers", owner=make.person("Priya Nair"), tier="t2")


@pytest.fixture
def incident() -> Incident:
    am.send(am.source(), am.alert("IndexStale", job="indexer", severity="critical", instance="node-1"))
    return Incident.objects.get()


def asked(owner: Service, **said: str) -> dict[str, str]:
    return {"label": "job=indexer", "name": "Indexer", "kind": "retrieval_index", "service": str(owner.pk), **said}


@BOTH
def test_one_click_names_it_for_now_and_later(incident: Incident, service: Service, headers: dict[str, str]) -> None:
    client = signed_in("editor")
    page = client.get(f"/incidents/{incident.pk}/").content.decode()
    assert f"/incidents/{incident.pk}/component/" in page
    answer = client.post(f"/incidents/{incident.pk}/component/", asked(service), headers=headers)
    assert answer.status_code in {302, 200}
    incident.refresh_from_db()
    component = Component.objects.get()
    assert (component.name, component.kind) == ("Indexer", "retrieval_index")
    assert (incident.service, incident.component) == (service, component)
    assert incident.chain["accountable"]["name"] == "Priya Nair"
    assert "label job=indexer" in incident.chain["why"]
    assert Part.objects.filter(service=service, component=component).exists()
    assert Alias.objects.filter(component=component, system="job", key="indexer").exists()
    alert = Alert.objects.get()
    assert (alert.component, alert.service) == (component, service)

    am.send(am.source(), am.alert("IndexGone", job="indexer", starts=minutes(5)), at=minutes(5))
    assert Incident.objects.count() == 1
    assert Alert.objects.get(name="IndexGone").incident == incident


def test_the_form_is_prefilled_with_the_likeliest_label(incident: Incident, service: Service) -> None:
    form = signed_in("editor").get(f"/incidents/{incident.pk}/component/").context["form"]
    assert form.fields["name"].initial == "indexer"
    assert [choice for choice, _ in form.fields["label"].choices] == [
        "job=indexer",
        "instance=node-1",
        "alertname=IndexStale",
    ]


@BOTH
@pytest.mark.parametrize("said", [{"service": ""}, {"name": " "}, {"label": "job=other"}, {"kind": "teapot"}])
def test_a_form_that_cannot_be_used_is_422(
    incident: Incident, service: Service, headers: dict[str, str], said: dict[str, str]
) -> None:
    answer = signed_in("editor").post(f"/incidents/{incident.pk}/component/", asked(service, **said), headers=headers)
    assert answer.status_code == 422
    assert not Component.objects.exists()
    assert "Support answers" in answer.content.decode()


@pytest.mark.parametrize("role", ["viewer", "responder"])
def test_it_is_for_editors(incident: Incident, service: Service, role: str) -> None:
    client = signed_in(role)
    assert client.get(f"/incidents/{incident.pk}/component/").status_code == 403
    assert client.post(f"/incidents/{incident.pk}/component/", asked(service)).status_code == 403
    assert not Component.objects.exists()


def adopt(incident: Incident, service: Service, *, name: str = "Indexer", by: Person | None = None) -> Component:
    return adopting.adopt(
        incident,
        name=name,
        kind="api",
        service=service,
        label=("job", "indexer"),
        by=by or make.person(role="editor"),
        now=minutes(2),
    )


def test_a_component_of_that_name_is_taken_as_it_is(incident: Incident, service: Service) -> None:
    known = make.component("indexer", of=service)
    assert adopt(incident, service) == known
    assert Component.objects.count() == 1


def test_an_alias_of_another_component_is_refused_and_nothing_changes(incident: Incident, service: Service) -> None:
    other = make.component("Other")
    Alias.objects.create(component=other, system="job", key="Indexer")
    answer = signed_in("editor").post(f"/incidents/{incident.pk}/component/", asked(service))
    assert answer.status_code == 422
    assert "is Other already" in answer.content.decode()
    assert not Component.objects.exclude(pk=other.pk).exists()


def test_an_incident_with_a_service_is_refused(incident: Incident, service: Service) -> None:
    adopt(incident, service)
    with pytest.raises(DomainError):
        adopt(Incident.objects.get(), make.service())


def test_where_the_service_has_an_open_incident_that_one_keeps_taking_alerts(
    incident: Incident, service: Service
) -> None:
    am.send(am.source(), am.alert("Slow", service="support-answers"), at=minutes(1))
    theirs = Incident.objects.latest("pk")
    adopt(incident, service)
    incident.refresh_from_db()
    assert (incident.joinable, theirs.joinable) == (False, True)
    am.send(am.source(), am.alert("IndexGone", job="indexer", starts=minutes(5)), at=minutes(5))
    assert Alert.objects.get(name="IndexGone").incident == theirs


def test_a_resolved_incident_takes_no_key(incident: Incident) -> None:
    Incident.objects.update(resolved_at=minutes(1), resolved_how="alerts", joinable=False)
    incident.refresh_from_db()
    opening.adopt_group(incident, key="service:1")
    assert Incident.objects.get().grouping_key != "service:1"
