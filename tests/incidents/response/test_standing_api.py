"""Times, impact, ball, mitigating and closing over the API: what is answered, what is refused and how."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from incidents.postmortems import drafting
from incidents.response import lifecycle, merging
from incidents.response.impacts import Impact
from incidents.response.models import HandOff, ImpactFacts, Incident
from ownership import tokens
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

INCIDENTS = "/api/v1/incidents/"
HOUR = timedelta(hours=1)
ACTS = ("mitigate", "close", "times", "impact-facts", "handoff")


def api(person: Person, scope: str = "write") -> APIClient:
    client = APIClient()
    _, secret = tokens.make(person, label="test", scope=scope, now=NOON)
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


@pytest.fixture
def maya() -> Person:
    return make.person("Maya", email="maya@example.org")


@pytest.fixture
def client(maya: Person) -> APIClient:
    return api(maya)


@pytest.fixture
def incident(maya: Person) -> Incident:
    return make.incident(by=maya, began=Impact("between", NOON - 2 * HOUR, NOON - HOUR))


def at(incident: Incident, act: str = "") -> str:
    return f"{INCIDENTS}{incident.pk}/" + (f"{act}/" if act else "")


@pytest.mark.parametrize("act", ACTS)
def test_role_and_scope_both_must_allow(incident: Incident, maya: Person, act: str) -> None:
    said = {"to": "maya@example.org", "reason": "x", "bad_count": 3}
    for refused in (api(make.person(role="viewer")), api(maya, "read")):
        assert refused.post(at(incident, act), said).status_code == 403
    hidden = make.incident(private=True, by=make.person())
    assert api(maya).post(at(hidden, act), said).status_code == 404


def test_mitigating_and_closing(client: APIClient, incident: Incident, maya: Person) -> None:
    body = client.post(at(incident, "mitigate"), {"mitigated_at": "2026-11-20T12:10:00Z"}).json()
    assert (body["state"], body["mitigated_at"]) == ("mitigated", "2026-11-20T12:10:00Z")
    early = client.post(at(incident, "close"))
    assert (early.status_code, early.json()["code"]) == (409, "not_resolved")
    lifecycle.resolve(incident, by=maya, now=NOON + HOUR)
    unready = client.post(at(incident, "close"))
    assert (unready.status_code, unready.json()["code"]) == (422, "not_reviewed")
    drafting.waive(incident, reason="A drill.", by=maya, now=NOON + HOUR)
    assert client.post(at(incident, "close")).json()["state"] == "closed"
    assert client.post(at(incident, "reopen"), {"reason": "back"}).json()["closed_at"] is None


def test_lists_are_narrowed_by_state_and_type(client: APIClient, maya: Person) -> None:
    made = {
        "open": make.incident("open", by=maya, of_type="safety"),
        "acknowledged": lifecycle.acknowledge(make.incident("acknowledged", by=maya), by=maya, now=NOON),
        "mitigated": lifecycle.mitigate(make.incident("mitigated", by=maya), by=maya, now=NOON),
        "resolved": lifecycle.resolve(make.incident("resolved", by=maya), by=maya, now=NOON),
    }

    def titles(query: str) -> set[str]:
        return {row["title"] for row in client.get(INCIDENTS + query).json()["results"]}

    for state in made:
        assert titles(f"?state={state}") == {state}
    assert titles("?state=open,mitigated") == {"open", "mitigated"}
    assert titles("?unresolved=true") == {"open", "acknowledged", "mitigated"}
    assert titles("?unresolved=false") == {"resolved"}
    merging.merge(made["acknowledged"], into=made["open"], by=maya, now=NOON)
    assert titles("?unresolved=true") == {"open", "mitigated"}
    assert titles("?type=safety") == {"open"}
    wrong = client.get(INCIDENTS + "?state=burning")
    assert (wrong.status_code, set(wrong.json()["errors"])) == (422, {"state"})


def test_times_are_told_corrected_and_checked(client: APIClient, incident: Incident) -> None:
    body = client.get(at(incident, "times")).json()
    assert [mark["anchor"] for mark in body["marks"]] == [
        "impact", "detected", "acknowledged", "identified", "mitigated", "resolved",
    ]  # fmt: skip
    assert body["spans"] == [{"begins": "impact", "ends": "detected", "at_least": 3600, "at_most": 7200}]
    assert (body["checked_at"], body["checked_by"]) == (None, None)
    said: dict[str, Any] = {"identified_at": "2026-11-20T12:30:00Z"}
    refused = client.post(at(incident, "times"), said)
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"reason"})
    told = client.post(at(incident, "times"), {**said, "reason": "trace", "checked": True}).json()
    assert told["checked_by"] == "maya@example.org"
    assert {"begins": "detected", "ends": "identified", "at_least": 1800, "at_most": 1800} in told["spans"]
    moved = client.post(
        at(incident, "times"),
        {"impact_precision": "unknown", "impact_from": None, "impact_until": None, "reason": "a guess"},
    )
    assert (moved.json()["impact_precision"], moved.json()["checked_at"]) == ("unknown", None)
    nothing = client.post(at(incident, "times"), {})
    assert nothing.status_code == 422


def test_how_far_it_went_is_said_anew_and_kept(client: APIClient, incident: Incident) -> None:
    assert client.get(at(incident, "impact-facts")).json() == {"current": None, "earlier": []}
    said = {"slice": "EN", "share_from": 4, "reproduced": 9, "tries": 20, "monitors_green": "yes"}
    body = client.post(at(incident, "impact-facts"), said).json()["current"]
    assert (body["share_from"], body["share_until"], body["by"]) == (4.0, 4.0, "maya@example.org")
    assert body["green_while_wrong"] == {"at_least": 3600, "at_most": 7200}
    assert body["phrases"][0] == "4 % of EN"
    after = client.post(at(incident, "impact-facts"), {"bad_count": 12}).json()
    assert (after["current"]["bad_count"], after["current"]["share_from"]) == (12, None)
    assert [one["slice"] for one in after["earlier"]] == ["EN"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"share_from": 101}, "share_from"),
        ({"share_until": 4}, "share_from"),
        ({"share_from": 5, "share_until": 4}, "share_from"),
        ({"tries": 3}, "tries"),
        ({"tries": 0, "reproduced": 0}, "tries"),
        ({"bad_count": -1}, "bad_count"),
        ({"monitors_green": "perhaps"}, "monitors_green"),
        ({"slice": "a\x00b"}, "slice"),
    ],
)
def test_facts_that_cannot_be_name_their_field(
    client: APIClient, incident: Incident, said: dict[str, Any], field: str
) -> None:
    answer = client.post(at(incident, "impact-facts"), said)
    assert answer.status_code == 422
    assert field in answer.json()["errors"]
    assert not ImpactFacts.objects.exists()


def test_handing_off(client: APIClient, incident: Incident) -> None:
    priya = make.person("Priya", email="priya@example.org")
    body = client.post(at(incident, "handoff"), {"to": "Priya@example.org", "reason": "night shift"}).json()
    assert (body["ball"], body["count"], body["rounds"]) == ("priya@example.org", 1, [])
    assert [row["reason"] for row in body["rows"]] == ["night shift", "declared it"]
    again = client.post(at(incident, "handoff"), {"to": priya.email, "reason": "x"})
    assert (again.status_code, again.json()["code"]) == (409, "has_the_ball")
    for said, field in (({"to": priya.email}, "reason"), ({"to": "who@example.org", "reason": "x"}, "to")):
        answer = client.post(at(incident, "handoff"), said)
        assert (answer.status_code, set(answer.json()["errors"])) == (422, {field})
    viewer = make.person(role="viewer", email="viewer@example.org")
    refused = client.post(at(incident, "handoff"), {"to": viewer.email, "reason": "x"})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"to"})
    assert HandOff.objects.filter(incident=incident).count() == 2


def test_declaring_with_a_type_and_an_answer_that_is_none(client: APIClient) -> None:
    made = client.post(INCIDENTS, {"title": "x", "type": "quality", "first_blame": "unknown"}).json()
    assert (made["type"], made["first_blame"]) == ("quality", "")
    assert made["blame_unknown_at"] is not None
    silent = client.post(INCIDENTS, {"title": "y"}).json()
    assert silent["blame_unknown_at"] is None
    changed = client.patch(f"{INCIDENTS}{made['number']}/", {"type": "near_miss"}).json()
    assert changed["type"] == "near_miss"
    assert client.patch(f"{INCIDENTS}{made['number']}/", {"type": "weather"}).status_code == 422


@pytest.mark.parametrize("act", ["times", "impact-facts", "handoff"])
@pytest.mark.parametrize("count", [1, 3])
def test_they_cost_the_same_for_one_and_three(
    client: APIClient, incident: Incident, django_assert_max_num_queries: Any, act: str, count: int
) -> None:
    for step in range(count):
        person = make.person(email=f"p{step}@example.org")
        client.post(at(incident, "handoff"), {"to": person.email, "reason": "x"})
        client.post(at(incident, "impact-facts"), {"bad_count": step})
    with django_assert_max_num_queries(7):
        assert client.get(at(incident, act)).status_code == 200
