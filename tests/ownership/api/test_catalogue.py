"""Components and seams over the API."""

from __future__ import annotations

import pytest

from tests import factories as make
from tests.ownership.api.program import Api
from tests.ownership.world import World

pytestmark = pytest.mark.django_db


def test_components_are_found_by_what_alerts_call_them(api: Api, world: World) -> None:
    def found(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"/components/?{query}")["results"]]

    assert found("alias=job%3DRETRIEVER") == ["Retriever"]
    assert found("name=retriever") == ["Retriever"]
    assert found("search=fall") == ["Search fallback"]
    assert found("service=support-answers") == ["Retriever", "Search fallback"]
    assert found("kind=model") == []
    assert found("alias=nonsense") == []


def test_a_component_comes_with_aliases_and_custodian(api: Api, world: World) -> None:
    body = {
        "name": "Cache",
        "kind": "database",
        "custodian": "answers-team",
        "aliases": [{"system": "job", "key": "c"}],
    }
    told = api.done("POST", "/components/", body)
    assert (told["custodian"], told["aliases"][0]["key"]) == ("answers-team", "c")
    assert api.refused("POST", "/components/", {**body, "name": "Other"}) == (409, "alias_taken", ["key"])
    assert api.done("PATCH", f"/components/{told['id']}/", {"custodian": None})["custodian"] is None
    assert api.refused("PATCH", f"/components/{told['id']}/", {"name": "retriever"}) == (409, "name_taken", ["name"])


def test_a_seam_is_named_by_id_or_name(api: Api, world: World) -> None:
    told = api.done("POST", "/dependencies/", {"upstream": world.other.pk, "downstream": "retriever", "attempts": 3})
    assert (told["upstream_name"], told["downstream_name"], told["attempts"]) == ("Search fallback", "Retriever", 3)
    assert api.done("PATCH", f"/dependencies/{told['id']}/", {"timeout_ms": 250})["attempts"] == 3
    again = {"upstream": world.other.pk, "downstream": "retriever"}
    assert api.refused("POST", "/dependencies/", again) == (409, "seam_exists", ["downstream"])
    itself = {"upstream": world.other.pk, "downstream": world.other.pk}
    assert api.refused("POST", "/dependencies/", itself) == (422, "same_component", ["downstream"])
    assert len(api.get("/dependencies/?service=support-answers")["results"]) == 2
    assert len(api.get(f"/dependencies/?upstream={world.other.pk}")["results"]) == 1


def test_a_seam_in_the_history_stays(api: Api, world: World) -> None:
    make.finding(make.incident(), dependency=world.seam)
    assert api.refused("DELETE", f"/dependencies/{world.seam.pk}/")[:2] == (409, "in_use")
