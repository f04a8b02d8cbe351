"""What the pages of the system graph read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from pytest_django import DjangoAssertNumQueries

from ownership.models import Component, Dependency, Part, Service
from ownership.queries import blast, latencies, maps
from ownership.queries.maps import Branch
from tests import factories as make
from tests.factories import NOON
from tests.ownership.graphs import chain, join, seam

pytestmark = pytest.mark.django_db


def walked(branches: list[Branch], depth: int = 0) -> Iterator[tuple[int, str, str]]:
    """Depth, name and `again` of each line of a list."""
    for branch in branches:
        yield depth, branch.place.node.name, branch.again
        yield from walked(branch.branches, depth + 1)


def listed(service: Service) -> list[tuple[int, str, str]]:
    return list(walked(maps.branches_of(maps.of(service, at=NOON))))


def test_a_map_holds_the_parts_and_all_that_they_need_nearest_first() -> None:
    gateway, retriever, store, far = chain("Gateway", "Retriever", "Store", "Far")
    seam(make.component("Caller"), gateway)  # needs the service, is not needed by it
    service = make.service()
    join(service, retriever, "critical")
    join(service, gateway, "entry")
    found = maps.of(service, at=NOON)
    assert [(place.node.name, place.role) for place in found.nodes] == [
        ("Gateway", "entry"),
        ("Retriever", "critical"),
        ("Store", ""),
        ("Far", ""),
    ]
    assert (found.parts, len(found.seams), found.beyond_picture, found.without_custodian) == (2, 3, 0, 4)
    Component.objects.filter(pk=store.pk).update(retired_at=NOON)
    assert far.name not in [place.node.name for place in maps.of(service, at=NOON).nodes]


def test_who_looks_after_a_component_is_its_team_or_whoever_holds_that_role() -> None:
    service = make.service()
    kept, held = make.component(of=service, custodian=make.team("Search")), make.component(of=service)
    make.component(of=service)
    make.assignment(held, make.team("Data"), role="custodian")
    assert [place.custodian for place in maps.of(service, at=NOON).nodes] == ["Search", "Data", None]
    assert kept.custodian is not None


def test_the_list_says_again_where_ways_meet_and_where_they_close() -> None:
    gateway, retriever, store = chain("Gateway", "Retriever", "Store")
    seam(gateway, store)
    seam(store, gateway, "event")
    join(service := make.service(), gateway, "entry")
    assert listed(service) == [
        (0, "Gateway", ""),
        (1, "Retriever", ""),
        (2, "Store", ""),
        (3, "Gateway", "above"),
        (1, "Store", "above"),
    ]
    assert retriever.pk


def test_a_long_chain_goes_on_below_instead_of_ever_further_right() -> None:
    components = chain(*[f"Step {number:02}" for number in range(20)])
    join(service := make.service(), components[0], "entry")
    lines = listed(service)
    assert max(depth for depth, _, _ in lines) == maps.DEEPEST + 1
    assert sorted({name for _, name, again in lines if not again}) == [one.name for one in components]
    assert [again for _, _, again in lines if again] == ["below", "below"]


def test_a_large_map_pictures_the_nearest_and_counts_the_rest(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    service = make.service()
    first = make.component("First", of=service)
    others = Component.objects.bulk_create(
        [Component(name=f"Leaf {number:03}", kind="api") for number in range(maps.LISTED + 5)]
    )
    Dependency.objects.bulk_create([Dependency(upstream=first, downstream=one) for one in others])
    with django_assert_num_queries(4):
        found = maps.of(service, at=NOON)
    assert (len(found.pictured), found.beyond_picture, found.beyond_list) == (60, maps.LISTED - 54, 6)


def test_an_empty_service_has_an_empty_map(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    service = make.service()
    with django_assert_num_queries(1):
        found = maps.of(service, at=NOON)
    assert (found.nodes, found.seams, maps.branches_of(found)) == ([], [], [])
    assert latencies.of(service).entry is None


def test_latency_begins_at_the_entry_whose_path_claims_most() -> None:
    service = make.service(latency_budget_ms=1000, latency_percentile=99)
    light, heavy, model = (make.component(name, of=service) for name in ("Light", "Heavy", "Model"))
    Part.objects.filter(component__in=[light, heavy]).update(role="entry")
    seam(light, model, latency_share=10)
    seam(heavy, model, latency_share=40)
    found = latencies.of(service)
    assert found.entry is not None
    assert (found.entry.name, [one.name for one in found.others]) == ("Heavy", ["Light"])
    assert (found.bound_ms, found.left_ms, found.kept_by) == (400, 600, 99)
    other = latencies.of(service, entry=light.pk)
    assert (other.bound_ms, other.is_marked) == (100, True)
    assert latencies.of(service, entry=model.pk) == found  # no entry, so it is not read from there


def test_latency_without_budget_or_marked_entry_says_what_it_can(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    service = make.service()
    one, two = make.component("One", of=service), make.component("Two", of=service)
    seam(one, two, latency_share=30)
    with django_assert_num_queries(3):
        found = latencies.of(service)
    assert (found.is_marked, found.bound_ms, found.left_ms, found.kept_by) == (False, None, None, None)
    assert [(hop.downstream.name, hop.share_ms, hop.band.share) for hop in found.hops] == [("Two", None, 30)]


def test_a_blast_radius_names_components_and_services_by_their_ways(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    gateway, retriever, store = chain("Gateway", "Retriever", "Store")
    seam(make.component("Report"), store, "data")
    join(make.service("Answers", tier="t1"), gateway, "entry")
    join(make.service("Search", tier="t2"), retriever, "supporting")
    with django_assert_num_queries(4):
        found = blast.of(store, at=NOON)
    assert [(hit.node.name, hit.hardness, hit.way) for hit in found.components] == [
        ("Retriever", 0, "Store → Retriever"),
        ("Gateway", 0, "Store → Retriever → Gateway"),
        ("Report", 1, "Store → Report"),
    ]
    assert [hit.service.name for hit in found.hard] == ["Answers"]
    assert [hit.service.name for hit in found.softened] == ["Search"]
    assert found.unanswered == 2
    assert all(one.name for one, _ in pairwise(found.services[0].path))
