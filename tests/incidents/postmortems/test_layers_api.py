"""Layers, what was ruled out, and latency by stage over the API."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from incidents.postmortems.models import LayerTag, Postmortem, StageLatency
from ownership import tokens
from ownership.models import Dependency, Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(maya: Person) -> Postmortem:
    return review.draft(by=maya, service=make.service("Support answers", owner=maya))


def api(person: Person) -> APIClient:
    client = APIClient()
    _, secret = tokens.make(person, label="test", scope="write", now=NOON)
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


@pytest.fixture
def client(maya: Person) -> APIClient:
    return api(maya)


def put(client: APIClient, draft: Postmortem, tail: str, body: Any) -> Any:
    return client.put(f"/api/v1/postmortems/{draft.incident_id}/{tail}/", body, format="json")


def whole(client: APIClient, draft: Postmortem) -> Any:
    return client.get(f"/api/v1/postmortems/{draft.incident_id}/").json()


def test_these_layers_and_no_others(client: APIClient, draft: Postmortem, maya: Person) -> None:
    answer = put(client, draft, "layers", {"layers": ["integration", "latency", "org"]})
    assert answer.status_code == 200
    assert [(one["layer"], one["found"], one["tagged_by"]) for one in answer.json()] == [
        ("integration", True, None),
        ("latency", False, maya.email),
        ("org", False, maya.email),
    ]
    answer = put(client, draft, "layers", {"layers": ["integration", "org"]})
    assert [one["layer"] for one in answer.json()] == ["integration", "org"]
    assert LayerTag.objects.filter(untagged_at=None).count() == 1
    assert "q-org-knew" in whole(client, draft)["layers"][1]["asked"]


def test_a_layer_that_was_found_cannot_be_left_out(client: APIClient, draft: Postmortem) -> None:
    answer = put(client, draft, "layers", {"layers": ["org"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "layer_found")
    assert not LayerTag.objects.exists()
    assert put(client, draft, "layers", {"layers": ["weather"]}).status_code in {400, 422}


def test_an_answer_is_saved_as_a_section(client: APIClient, draft: Postmortem) -> None:
    address = f"/api/v1/postmortems/{draft.incident_id}/sections/q-integration-retries/"
    answer = client.patch(address, {"text": "3 × 3.", "revision": 0}, format="json")
    assert (answer.json()["kind"], answer.json()["layer"]) == ("answer", "integration")
    assert whole(client, draft)["layers"][0]["answered"] == 1


def test_what_was_ruled_out(client: APIClient, draft: Postmortem, maya: Person) -> None:
    assert whole(client, draft)["ruled_out"] == []
    review.finding(draft, "model.capability_limit")
    answer = put(client, draft, "ruled-out/data", {"stance": "not_established"})
    assert answer.status_code == 200
    data, integration = answer.json()[:2]
    assert (data["state"], data["by"], data["section"]) == ("not_established", maya.email, "out-data")
    assert integration["state"] == "found"
    assert put(client, draft, "ruled-out/data", {"stance": None}).json()[0]["state"] == "open"
    refused = put(client, draft, "ruled-out/integration", {"stance": "not_established"})
    assert (refused.status_code, refused.json()["code"]) == (409, "layer_found")
    assert put(client, draft, "ruled-out/model", {"stance": "not_established"}).status_code == 422


def test_latency_by_stage(client: APIClient, draft: Postmortem) -> None:
    gateway, retriever = make.component("Gateway"), make.component("Retriever")
    seam = Dependency.objects.create(upstream=gateway, downstream=retriever)
    rows = [
        {"service": draft.incident.service.slug if draft.incident.service else "", "budget_ms": 2000, "p95_ms": 3100},
        {"dependency": seam.pk, "p99_ms": 1300, "shown_by": "trace 13:14"},
        {"name": "Queue"},
    ]
    answer = put(client, draft, "latency", {"stages": rows})
    assert answer.status_code == 200
    first = answer.json()
    assert [row["p50_ms"] for row in first] == [None, None, None]
    rows[1]["p99_ms"] = 1400
    again = put(client, draft, "latency", {"stages": rows[:2]}).json()
    assert [row["line"] for row in again] == [row["line"] for row in first[:2]]
    assert StageLatency.objects.count() == 4  # the corrected one twice, the one left out once
    assert whole(client, draft)["latency"] == again


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"name": "Queue", "p50_ms": 3, "p95_ms": 2}, "invalid"),
        ({"p50_ms": 3}, "stage_unclear"),
        (
            {"name": "Queue", "measured_from": "2026-11-20T13:00Z", "measured_until": "2026-11-20T12:00Z"},
            "window_inverted",
        ),
    ],
)
def test_what_cannot_be_is_refused(client: APIClient, draft: Postmortem, row: dict[str, Any], code: str) -> None:
    answer = put(client, draft, "latency", {"stages": [row]})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not StageLatency.objects.exists()


def test_viewers_and_the_published(client: APIClient, draft: Postmortem, maya: Person) -> None:
    acts = [("layers", {"layers": ["integration"]}), ("ruled-out/data", {"stance": None}), ("latency", {"stages": []})]
    for tail, body in acts:
        assert put(api(make.person(role="viewer")), draft, tail, body).status_code == 403
        frozen = put(client, review.published(by=maya), tail, body)
        assert (frozen.status_code, frozen.json()["code"]) == (409, "published_frozen")
