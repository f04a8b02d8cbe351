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
    assert found("search=RETRIEVER") == ["Retriever"]
    assert found("retired=true") == ["Old cache"]


def test_components_are_found_by_lifecycle_label_and_words(api: Api) -> None:
    body = {"kind": "database", "lifecycle": "deprecated", "labels": {"region": "eu: west"}}
    told = api.done("POST", "/components/", {**body, "name": "Cache", "description": "Keeps answers."})
    assert (told["lifecycle"], told["labels"]) == ("deprecated", {"region": "eu: west"})
    make.component("Other", labels={"region": "us"})

    def found(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"/components/?{query}")["results"]]

    for query in ("lifecycle=deprecated", "label=region:eu:%20west", "search=keeps%20ans"):
        assert found(query) == ["Cache"]
    assert found("label=region") == []
    assert api.done("PATCH", f"/components/{told['id']}/", {"labels": {}})["lifecycle"] == "deprecated"
    assert found("label=region:eu:%20west") == []
    for labels in ({"a:b": "c"}, {"": "c"}, {"a": "\u0000"}, {"a": "v" * 201}, "a"):
        refused = api.refused("PATCH", f"/components/{told['id']}/", {"labels": labels})
        assert (refused[0], refused[1], refused[2]) == (422, "invalid", ["labels"])


def test_a_component_is_retired_without_its_aliases_and_comes_back(api: Api, world: World) -> None:
    url = f"/components/{world.component.pk}/"
    told = api.done("POST", f"{url}retire/")
    assert told["retired_at"] is not None
    assert told["aliases"] == []
    assert told["links"][0]["label"] == "Code"
    again = api.done("POST", "/components/", {"name": "retriever", "kind": "api"})
    assert api.refused("POST", f"{url}restore/") == (409, "name_taken", ["name"])
    api.done("PATCH", f"/components/{again['id']}/", {"name": "Another"})
    assert api.done("POST", f"{url}restore/")["retired_at"] is None


def test_links_of_a_component(api: Api, world: World) -> None:
    url = f"/components/{world.other.pk}/links/"
    told = api.done("POST", url, {"kind": "runbook", "url": "https://example.org/r"})
    assert told["label"] == "Runbook"
    assert api.refused("POST", url, {"kind": "runbook", "url": "javascript:x"})[:2] == (422, "invalid")
    assert api.refused("DELETE", f"/components/{world.component.pk}/links/{told['id']}/")[0] == 404
    api.done("DELETE", f"{url}{told['id']}/")
    assert api.get(f"/components/{world.other.pk}/")["links"] == []


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


def test_a_seam_says_its_share_and_what_its_reader_expects(api: Api, world: World) -> None:
    facts = {"kind": "data", "latency_share": 12.5, "unit": "cents", "freshness_minutes": 60}
    told = api.done("POST", "/dependencies/", {"upstream": world.other.pk, "downstream": "retriever", **facts})
    assert {name: told[name] for name in facts} == facts
    url = f"/dependencies/{told['id']}/"
    told = api.done("PATCH", url, {"latency_share": None})
    assert (told["latency_share"], told["unit"]) == (None, "cents")
    assert api.done("PATCH", url, {"latency_share": 100})["latency_share"] == 100
    for wrong in ({"latency_share": 0}, {"latency_share": 100.1}, {"freshness_minutes": 0}, {"unit": "x" * 201}):
        assert api.refused("PATCH", url, wrong) == (422, "invalid", list(wrong))


def test_a_seam_in_the_history_stays(api: Api, world: World) -> None:
    make.finding(make.incident(), dependency=world.seam)
    assert api.refused("DELETE", f"/dependencies/{world.seam.pk}/")[:2] == (409, "in_use")
