"""Maps, latency budgets and blast radii over the API."""

from __future__ import annotations

import pytest

from ownership.models import Dependency, Part
from tests import factories as make
from tests.ownership.api.program import Api
from tests.ownership.world import World

pytestmark = pytest.mark.django_db


def test_a_services_map(api: Api, world: World) -> None:
    beyond = make.component("Vector store", kind="vector_store", custodian=world.team)
    Dependency.objects.create(upstream=world.other, downstream=beyond, kind="data")
    back = Dependency.objects.create(upstream=beyond, downstream=world.component, timeout_ms=5)
    told = api.get("/services/support-answers/map/")
    assert [(node["name"], node["role"], node["custodian"], node["pictured"]) for node in told["nodes"]] == [
        ("Retriever", "critical", None, True),
        ("Search fallback", "critical", None, True),
        ("Vector store", None, "Answers team", True),
    ]
    assert [(edge["kind"], edge["leads_back"]) for edge in told["edges"]] == [
        ("call", False),
        ("data", False),
        ("call", True),
    ]
    assert told["edges"][2] == {
        "id": back.pk,
        "upstream": beyond.pk,
        "downstream": world.component.pk,
        "kind": "call",
        "timeout_ms": 5,
        "attempts": None,
        "share": None,
        "leads_back": True,
    }


def test_a_services_latency(api: Api, world: World) -> None:
    world.service.latency_budget_ms, world.service.latency_percentile = 2000, 99.9
    world.service.save()
    Part.objects.filter(component=world.component).update(role="entry")
    Dependency.objects.filter(pk=world.seam.pk).update(timeout_ms=1500, attempts=2, latency_share=40)
    told = api.get("/services/support-answers/latency/")
    assert (told["budget_ms"], told["percentile"], told["entry"]["name"]) == (2000, 99.9, "Retriever")
    (hop,) = told["path"]
    assert (hop["share_ms"], hop["begins_ms"], hop["waits_ms"], hop["calls"]) == (800, 0, 3000, 2)
    assert hop["on_longest_chain"]
    chain = told["longest_chain"]
    assert (told["claimed_percent"], chain["claimed_percent"], told["met_again"]) == (40, 40, [])
    assert [seam["id"] for seam in chain["seams"]] == [world.seam.pk]
    assert (told["upper_planning_bound_ms"], told["left_percent"]) == (800, 60)
    assert told["kept_by_percent"] == pytest.approx(99.9)
    assert [seam["id"] for seam in told["beyond_budget"]] == [world.seam.pk]
    assert (told["inverted"], told["amplification"], told["without_timeout"]) == ([], None, 0)


def test_the_latency_of_a_service_without_parts(api: Api) -> None:
    make.service("Empty")
    told = api.get("/services/empty/latency/")
    assert (told["entry"], told["path"], told["upper_planning_bound_ms"]) == (None, [], None)


@pytest.mark.parametrize("entry", ["x", "0", "1e9", "9" * 30])
def test_an_entry_that_is_no_id_is_refused(api: Api, world: World, entry: str) -> None:
    status, code, _ = api.refused("GET", f"/services/support-answers/latency/?entry={entry}")
    assert (status, code) == (422, "invalid")


def test_a_components_blast_radius(api: Api, world: World) -> None:
    told = api.get(f"/components/{world.other.pk}/blast-radius/")
    assert told["component"]["name"] == "Search fallback"
    (service,) = told["services"]
    assert (service["service"], service["hardness"], service["softened"]) == ("support-answers", "at_once", False)
    assert (service["accountable"], service["asked"], service["way"]) == ("Priya Nair", "Priya Nair", "Search fallback")
    (hit,) = told["components"]
    assert (hit["name"], hit["way"]) == ("Retriever", "Search fallback → Retriever")
    assert hit["path"] == [world.other.pk, world.component.pk]


@pytest.mark.parametrize("path", ["/services/none/map/", "/services/none/latency/", "/components/9/blast-radius/"])
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert api.refused("GET", path)[0] == 404
