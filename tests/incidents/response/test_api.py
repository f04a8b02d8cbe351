"""Incidents, timeline and findings over the API: what tokens may, what is refused and how."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from incidents.response.models import FailureMode, Finding, Incident, TimelineRow
from ownership import tokens
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

INCIDENTS = "/api/v1/incidents/"


def api(person: Person | None = None, scope: str = "write") -> APIClient:
    client = APIClient()
    if person is not None:
        _, secret = tokens.make(person, label="test", scope=scope, now=NOON)
        client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def test_strangers_get_401_with_a_problem() -> None:
    answer = api().get(INCIDENTS)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"
    assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize(("role", "scope"), [("viewer", "write"), ("responder", "read")])
def test_role_and_scope_both_must_allow_writing(role: str, scope: str) -> None:
    client = api(make.person(role=role), scope)
    assert client.get(INCIDENTS).status_code == 200
    answer = client.post(INCIDENTS, {"title": "x"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_denied"
    assert not Incident.objects.exists()


def test_a_token_that_only_sends_declares_and_nothing_else() -> None:
    client, writing = api(make.person(role="responder"), "ingest"), api(make.person(role="responder"))
    made = client.post(INCIDENTS, {"title": "Wrong answers"})
    assert (made.status_code, made.json()["declared_via"]) == (201, "api")
    address = f"{INCIDENTS}{made.json()['number']}/"
    for refused in (
        client.get(INCIDENTS),
        client.get(address),
        client.patch(address, {"severity": "sev1"}),
        client.post(f"{address}acknowledge/", {}),
        client.post("/api/v1/timeline/", {"incident": made.json()["number"], "text": "x"}),
        api(make.person(role="viewer"), "ingest").post(INCIDENTS, {"title": "y"}),
        api(make.person(role="responder"), "read").post(INCIDENTS, {"title": "y"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert writing.get(address).json()["acknowledged_at"] is None
    assert Incident.objects.count() == 1


def test_declaring_acknowledging_and_resolving() -> None:
    client = api(make.person("Maya"))
    service = make.service("Fraud score", owner=make.person("Tomás"))
    made = client.post(INCIDENTS, {"title": "Null share", "service": service.slug, "severity": "sev2"})
    assert made.status_code == 201
    body = made.json()
    assert (body["state"], body["declared_via"], body["chain"]["accountable"]["name"]) == ("open", "api", "Tomás")
    at = f"{INCIDENTS}{body['number']}/"
    assert client.post(f"{at}acknowledge/", {"first_blame": "data"}).json()["first_blame"] == "data"
    done = client.post(f"{at}resolve/", {"mode": "data.schema_drift", "evidence": "diff"})
    assert done.json()["state"] == "resolved"
    assert Finding.objects.get(incident=body["number"]).mode_id == "data.schema_drift"
    again = client.post(f"{at}resolve/", {})
    assert (again.status_code, again.json()["code"]) == (409, "not_open")
    assert client.post(f"{at}reopen/", {"reason": "back"}).json()["state"] == "acknowledged"


def test_bad_input_names_its_fields() -> None:
    client = api(make.person())
    answer = client.post(INCIDENTS, {"severity": "sev9", "service": "nowhere"})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"title", "severity", "service"}
    between = client.post(
        INCIDENTS, {"title": "x", "impact_precision": "between", "impact_from": "2026-11-01T10:00:00Z"}
    )
    assert (between.status_code, between.json()["code"]) == (422, "impact_incomplete")


def test_a_patch_is_all_or_nothing() -> None:
    client = api(make.person())
    incident = make.incident(severity="sev3")
    answer = client.patch(f"{INCIDENTS}{incident.pk}/", {"severity": "sev1", "impact_precision": "exact"})
    assert answer.status_code == 422
    assert Incident.objects.get(pk=incident.pk).severity == "sev3"
    fine = client.patch(f"{INCIDENTS}{incident.pk}/", {"severity": "sev1", "impact": "all users"})
    assert (fine.json()["severity"], fine.json()["impact"]) == ("sev1", "all users")


def test_incidents_are_filtered() -> None:
    client = api(make.person(), "read")
    service = make.service("Ranking")
    make.incident("old", detected_at=datetime(2026, 1, 1, tzinfo=UTC))
    make.incident("here", service=service, severity="sev1")

    def titles(query: str) -> list[str]:
        return [row["title"] for row in client.get(INCIDENTS + query).json()["results"]]

    assert titles("?service=ranking") == ["here"]
    assert titles("?detected_before=2026-02-01T00:00:00Z") == ["old"]
    assert titles("?state=resolved") == []
    assert titles("?severity=sev1") == ["here"]


def test_the_timeline_takes_notes_and_facts_and_nothing_else() -> None:
    client = api(make.person("Maya", email="maya@example.org"))
    incident = make.incident()
    refused = client.post("/api/v1/timeline/", {"incident": incident.pk, "text": "no", "kind": "resolved"})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"kind"})
    made = client.post("/api/v1/timeline/", {"incident": incident.pk, "text": "seen in traces"})
    assert made.status_code == 201
    assert (made.json()["kind"], made.json()["by"]) == ("note", "maya@example.org")
    assert client.patch(f"/api/v1/timeline/{made.json()['id']}/", {"text": "no"}).status_code == 405
    rows = client.get("/api/v1/timeline/", {"incident": incident.pk}).json()["results"]
    assert [row["kind"] for row in rows] == ["declared", "note"]
    assert TimelineRow.objects.get(pk=made.json()["id"]).text == "seen in traces"


def test_findings_are_recorded_provisionally() -> None:
    client = api(make.person())
    incident = make.incident()
    part = make.component("Retriever")
    made = client.post(
        "/api/v1/findings/",
        {"incident": incident.pk, "mode": "latency.cold_start", "component": part.name, "primary": True},
    )
    assert made.status_code == 201
    assert (made.json()["layer"], made.json()["state"]) == ("latency", "provisional")
    again = client.post("/api/v1/findings/", {"incident": incident.pk, "layer": "data", "primary": True})
    assert (again.status_code, again.json()["code"]) == (409, "primary_taken")
    nothing = client.post("/api/v1/findings/", {"incident": incident.pk})
    assert "layer" in nothing.json()["errors"]
    mismatch = client.post(
        "/api/v1/findings/", {"incident": incident.pk, "layer": "data", "mode": "latency.cold_start"}
    )
    assert (mismatch.status_code, mismatch.json()["code"]) == (422, "layer_mismatch")


@pytest.mark.parametrize("path", ["incidents", "timeline", "findings"])
def test_lists_cost_the_same_for_one_and_three(path: str, django_assert_max_num_queries) -> None:
    client = api(make.person(), "read")
    modes = list(FailureMode.objects.all()[:3])
    for count in (1, 2):
        for mode in modes[:count]:
            make.finding(make.incident(service=make.service(owner=make.person())), mode.code)
        with django_assert_max_num_queries(4):
            assert client.get(f"/api/v1/{path}/").status_code == 200


def test_a_revoked_token_and_an_inactive_person_are_refused() -> None:
    person = make.person()
    token, secret = tokens.make(person, label="", scope="read", now=NOON)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    assert client.get(INCIDENTS).status_code == 200
    tokens.revoke(token, now=NOON)
    assert client.get(INCIDENTS).status_code == 401


def test_an_unknown_address_is_a_problem_too() -> None:
    answer = api(make.person()).get("/api/v1/nope/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_what_may_be_empty_is_nullable_in_the_schema() -> None:
    client = api(make.person(), "read")
    make.incident()
    schema = client.get("/api/v1/schema/?format=json").json()["components"]["schemas"]
    row = client.get(INCIDENTS).json()["results"][0]
    empty = {field for field, value in row.items() if value is None}
    assert empty >= {"service", "component"}
    assert [field for field in empty if not schema["Incident"]["properties"][field].get("nullable")] == []
    assert schema["Timeline"]["properties"]["by"]["nullable"]
    assert schema["Alert"]["properties"]["service"]["nullable"]
    assert schema["Component"]["properties"]["custodian"]["nullable"]
    assert schema["Assignment"]["properties"]["team"]["nullable"]


@pytest.mark.parametrize("path", ["{}.json", "{}/acknowledge.json", "{}/timeline.json", ".json", "{}/acknowledge.xml"])
def test_addresses_have_no_suffix_for_the_format(path: str) -> None:
    maya = make.person(role="responder")
    incident = make.incident(by=maya)
    address = (INCIDENTS if path[0] == "{" else INCIDENTS.rstrip("/")) + path.format(incident.pk)
    assert api(maya).get(address).status_code == api(maya).post(address).status_code == 404
    incident.refresh_from_db()
    assert incident.acknowledged_at is None
