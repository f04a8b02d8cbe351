"""Services, their parts and owners over the API: the same acts and refusals as the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ownership.models import Component, Part, Service
from tests import factories as make
from tests.factories import NOON
from tests.ownership.api.program import Api
from tests.ownership.world import World

pytestmark = pytest.mark.django_db


def test_a_service_with_all_that_belongs_to_it_in_one_call(api: Api) -> None:
    known = make.component("Retriever", kind="retrieval_index")
    priya = make.person("Priya Nair")
    told = api.done(
        "POST",
        "/services/",
        {
            "name": "Support answers",
            "outcome": "A right answer.",
            "tier": "t1",
            "parts": [{"component": "Gateway", "kind": "gateway", "role": "entry"}, {"component": known.pk}],
            "links": [{"kind": "runbook", "url": "https://example.org/r"}],
            "accountable": {"person": priya.email.upper()},
        },
    )
    assert told["slug"] == "support-answers"
    assert [(part["name"], part["kind"], part["role"], part["position"]) for part in told["parts"]] == [
        ("Gateway", "gateway", "entry", 0),
        ("Retriever", "retrieval_index", "critical", 1),
    ]
    assert told["links"][0]["label"] == "Runbook"
    assert (told["accountable"]["kind"], told["accountable"]["name"]) == ("person", "Priya Nair")
    assert api.get("/services/support-answers/") == told


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": ""}, (422, "invalid", ["name"])),
        ({"tier": "t9"}, (422, "invalid", ["tier"])),
        ({"name": "TAKEN"}, (409, "name_taken", ["name"])),
        ({"parts": [{"component": "Unknown"}]}, (422, "invalid", ["parts"])),
        ({"parts": [{"component": 999999}]}, (422, "invalid", ["parts"])),
        ({"parts": [{"component": [1]}]}, (422, "invalid", ["parts"])),
        ({"links": [{"kind": "other", "url": "javascript:x"}]}, (422, "invalid", ["url"])),
        ({"accountable": {}}, (422, "invalid", ["accountable"])),
        ({"accountable": {"person": "stranger@example.org"}}, (422, "invalid", ["accountable"])),
        ({"accountable": {"team": "none"}}, (422, "invalid", ["accountable"])),
    ],
)
def test_a_service_that_cannot_be_is_refused_whole(api: Api, given: Any, problem: Any) -> None:
    make.service("Taken")
    assert api.refused("POST", "/services/", {"name": "New", "outcome": "Works.", **given}) == problem
    assert (Service.objects.count(), Component.objects.count()) == (1, 0)


def test_an_owner_who_left_does_not_count(api: Api) -> None:
    make.service("Left alone", owner=make.person(is_active=False))
    make.service("Owned", owner=make.person())
    assert api.get("/services/left-alone/")["accountable"] is None
    assert [row["name"] for row in api.get("/services/?answered=false")["results"]] == ["Left alone"]
    assert [row["name"] for row in api.get("/services/?answered=true")["results"]] == ["Owned"]


def test_who_answered_then_as_known_then_and_as_known_now(api: Api) -> None:
    service = make.service("Support answers")
    current = make.assignment(service, make.person("Before"))
    after = make.person("After")
    at = (NOON - timedelta(days=9)).isoformat()
    api.done("POST", f"/assignments/{current.pk}/replace/", {"person": after.email, "at": at})

    def owner(**asked: str) -> str | None:
        query = "&".join(f"{key}={value.replace('+', '%2B')}" for key, value in asked.items())
        told = api.get(f"/services/support-answers/owner/?{query}")["accountable"]
        return told["name"] if told else None

    then = (NOON - timedelta(days=5)).isoformat()
    assert owner() == "After"
    assert owner(at=then) == "After"
    assert owner(at=then, known_at=NOON.isoformat()) == "Before"
    assert owner(at=(NOON - timedelta(days=300)).isoformat()) is None
    assert api.refused("GET", "/services/support-answers/owner/?at=yesterday") == (422, "invalid", ["at"])


def test_parts_move_change_and_go(api: Api, world: World) -> None:
    base = "/services/support-answers/parts/"
    api.done("PATCH", f"{base}{world.part.pk}/", {"role": "fallback", "position": 1})
    assert [(part["name"], part["role"]) for part in api.get(base)] == [
        ("Search fallback", "critical"),
        ("Retriever", "fallback"),
    ]
    api.done("DELETE", f"{base}{world.part.pk}/")
    assert api.refused("DELETE", f"{base}{world.part.pk}/")[:2] == (404, "not_found")
    assert api.refused("POST", base, {"component": "search fallback"}) == (409, "already_part", ["component"])


def test_a_part_of_another_service_is_out_of_reach(api: Api, world: World) -> None:
    make.service("Other")
    assert api.refused("DELETE", f"/services/other/parts/{world.part.pk}/")[0] == 404
    assert Part.objects.filter(pk=world.part.pk).exists()


def test_promises_are_numbers_and_come_whole(api: Api) -> None:
    body = {"name": "Fraud score", "outcome": "Scored.", "archetype": "scoring", "objective": 99.95}
    told = api.done("POST", "/services/", {**body, "latency_budget_ms": 200, "latency_percentile": "99.9"})
    assert (told["archetype"], told["objective"]) == ("scoring", 99.95)
    assert (told["latency_budget_ms"], told["latency_percentile"]) == (200, 99.9)
    url = "/services/fraud-score/"
    half = (422, "budget_incomplete", ["latency_budget_ms"])
    assert api.refused("PATCH", url, {"latency_percentile": None}) == half
    assert api.refused("POST", "/services/", {**body, "name": "x", "latency_budget_ms": 5}) == half
    assert api.refused("PATCH", url, {"objective": 100}) == (422, "invalid", ["objective"])
    told = api.done("PATCH", url, {"latency_percentile": None, "latency_budget_ms": None, "tier": "t1"})
    assert (told["latency_budget_ms"], told["objective"], told["tier"]) == (None, 99.95, "t1")


def test_services_are_found_by_sort_team_and_words(api: Api) -> None:
    priya = make.person()
    team = make.team("Answers team", priya)
    make.service("By team", owner=team, archetype="rag", outcome="Sound replies.")
    make.service("By member", owner=priya)
    make.service("By nobody")

    def found(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"/services/?{query}")["results"]]

    assert found("archetype=rag") == found("search=SOUND%20rep") == ["By team"]
    assert found(f"team={team.slug}") == ["By member", "By team"]


def test_a_service_is_retired_and_comes_back(api: Api, world: World) -> None:
    url = "/services/support-answers/"
    told = api.done("POST", f"{url}retire/")
    assert told["retired_at"] is not None
    assert api.done("POST", f"{url}retire/")["retired_at"] == told["retired_at"]
    assert [row["slug"] for row in api.get("/services/?retired=false")["results"]] == []
    told = api.done("POST", f"{url}restore/")
    assert told["retired_at"] is None
    assert told["accountable"]["name"] == "Priya Nair"
