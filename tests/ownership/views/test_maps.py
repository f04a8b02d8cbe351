"""The pages of a service's map, its latency budget and a component's blast radius."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse

from ownership.models import Component, Dependency, Part, Service
from ownership.views import pictures
from tests import factories as make
from tests.ownership.conftest import cost, signed_in, text_of

pytestmark = pytest.mark.django_db


def build(size: int = 3, *, name: str = "Support answers") -> tuple[Service, list[Component]]:
    """A service of a chain of parts, each seam with its numbers, the first one its entry."""
    service = make.service(name, latency_budget_ms=1000, latency_percentile=99)
    parts = [make.component(of=service) for _ in range(size)]
    Part.objects.filter(component=parts[0]).update(role="entry")
    for upstream, downstream in pairwise(parts):
        Dependency.objects.create(
            upstream=upstream, downstream=downstream, timeout_ms=400, attempts=3, latency_share=70
        )
    return service, parts


@pytest.fixture
def viewer(db: None) -> Client:
    return signed_in(make.person(role="viewer"))


def test_the_pages_cost_the_same_however_large_the_graph(viewer: Client) -> None:
    costs = []
    for size in (3, 12):
        service, parts = build(size, name=f"Service of {size}")
        make.service("Another", owner=make.person()) if size == 3 else None
        for one in parts:
            make.service(owner=make.person()).parts.create(component=one)
        addresses = (
            f"/services/{service.slug}/map/",
            f"/services/{service.slug}/latency/",
            f"/components/{parts[-1].pk}/blast-radius/",
        )
        costs.append([cost(viewer, address) for address in addresses])
    assert costs[0] == costs[1]


def test_the_map_draws_every_part_as_a_link_and_lists_it_again(viewer: Client) -> None:
    service, parts = build()
    Dependency.objects.create(upstream=parts[-1], downstream=make.component("Beyond"), kind="data")
    page = text_of(viewer, f"/services/{service.slug}/map/")
    for part in parts:
        assert page.count(f'href="/components/{part.pk}/"') >= 2
    assert "400 ms × 3" in page
    assert "not a part of this service" in page
    assert "no team looks after it" in page
    assert 'class="box ghost"' in page
    assert 'class="box entry"' in page


def test_a_cycle_is_drawn_back_and_listed_once(viewer: Client) -> None:
    service, parts = build()
    Dependency.objects.create(upstream=parts[-1], downstream=parts[0])
    page = text_of(viewer, f"/services/{service.slug}/map/")
    assert "again, see above" in page
    assert "leads back: a cycle" in page


def test_names_of_people_cannot_act_in_a_drawing(viewer: Client) -> None:
    service = make.service()
    make.component('<script>alert("x")</script>', of=service)
    page = text_of(viewer, f"/services/{service.slug}/map/")
    assert "<script>alert" not in page


def test_a_large_map_says_how_many_more_there_are(viewer: Client) -> None:
    service, parts = build()
    leaves = Component.objects.bulk_create([Component(name=f"Leaf {n}", kind="tool") for n in range(70)])
    Dependency.objects.bulk_create([Dependency(upstream=parts[0], downstream=leaf) for leaf in leaves])
    page = text_of(viewer, f"/services/{service.slug}/map/")
    assert "And 13 more" in page
    assert "Leaf 69" in page


def test_the_latency_page_names_what_stands_out(viewer: Client) -> None:
    service, parts = build()
    page = text_of(viewer, f"/services/{service.slug}/latency/")
    assert "1000 ms" in page
    assert "The calls claim 140 % of the budget" in page
    assert "Inner outlives outer." in page
    assert "3 × 400 ms = 1200 ms" in page
    assert f"may become 9 calls to {parts[-1].name}" in page
    assert "Waits longer than users are promised." in page
    assert "upper planning bound, not a prediction" in page
    assert "at least 98 % of requests" in page


def test_siblings_are_taken_one_after_the_other_and_the_longest_chain_is_told(viewer: Client) -> None:
    service = make.service("Answers", latency_budget_ms=3000, latency_percentile=95)
    gateway, guardrail, retriever, embedding, model = (
        make.component(f"Answers · {name}", of=service)
        for name in ("Gateway", "Guardrail", "Retriever", "Embedding", "Model")
    )
    Part.objects.filter(component=gateway).update(role="entry")
    for upstream, downstream, share in (
        (gateway, guardrail, 10),
        (gateway, retriever, 20),
        (retriever, embedding, 10),
        (gateway, model, 50),
    ):
        Dependency.objects.create(upstream=upstream, downstream=downstream, latency_share=share)
    page = " ".join(text_of(viewer, f"/services/{service.slug}/latency/").split())
    assert "One after the other, the calls claim 90 % of the budget; 10 % are left (300 ms)" in page
    assert "The longest single chain, <b>Gateway → Model</b>, claims 50 %" in page
    assert page.count("longest chain</div>") == 1
    Dependency.objects.exclude(downstream=model).delete()
    page = text_of(viewer, f"/services/{service.slug}/latency/")
    assert "If the one seam keeps its share" in page
    assert "longest single chain" not in page


def test_flagged_seams_lead_to_their_form_for_those_who_may_mend_them(viewer: Client) -> None:
    service, parts = build()
    inner = Dependency.objects.get(upstream=parts[1])
    url = f"/services/{service.slug}/latency/"
    assert f'href="{reverse("ownership:seam", args=[inner.pk])}"' in text_of(viewer, url)
    editor = signed_in(make.person(role="editor"))
    assert f'href="{reverse("ownership:edit_seam", args=[inner.pk])}"' in text_of(editor, url)


def test_the_page_of_a_seam_says_which_outer_one_it_outlives(viewer: Client) -> None:
    _, parts = build()
    outer, inner = Dependency.objects.order_by("pk")
    page = " ".join(text_of(viewer, f"/seams/{inner.pk}/").split())
    assert "This seam may wait 1200 ms" in page
    assert f'href="/seams/{outer.pk}/">{parts[0].name} → {parts[1].name}</a> gives up after 400 ms' in page
    assert "70 %" in page
    assert "Inner outlives outer" not in text_of(viewer, f"/seams/{outer.pk}/")


def test_the_page_of_a_service_counts_inverted_timeouts(viewer: Client) -> None:
    service, _ = build()
    page = text_of(viewer, f"/services/{service.slug}/")
    assert "1 inverted timeout</b>" in page
    assert f'href="/services/{service.slug}/latency/#findings"' in page
    Dependency.objects.update(attempts=1, timeout_ms=None)
    assert "inverted timeout" not in text_of(viewer, f"/services/{service.slug}/")


def test_a_service_and_a_seam_cost_the_same_however_large_the_graph(viewer: Client) -> None:
    costs = []
    for size in (3, 12):
        service, _ = build(size, name=f"Service of {size}")
        seam = Dependency.objects.latest("pk")
        costs.append([cost(viewer, f"/services/{service.slug}/"), cost(viewer, f"/seams/{seam.pk}/")])
    assert costs[0] == costs[1]


def test_the_maps_of_a_service_leave_its_name_off_the_boxes(viewer: Client) -> None:
    service = make.service("Policy answers")
    gateway, model = (make.component(f"Policy answers · {name}", of=service) for name in ("Gateway", "Model"))
    other = make.component("Search · Model")
    for one in (model, other):
        Dependency.objects.create(upstream=gateway, downstream=one)
    page = text_of(viewer, f"/services/{service.slug}/map/")
    assert ">Gateway</text>" in page
    assert ">Search · Model</text>" in page
    assert 'aria-label="Policy answers · Gateway, ' in page
    page = text_of(viewer, f"/components/{model.pk}/blast-radius/")
    assert ">Gateway</text>" in page


def test_a_blast_radius_keeps_full_names_where_short_ones_are_the_same(viewer: Client) -> None:
    service = make.service("Ask")
    gateway, model = (make.component(f"Ask · {name}", of=service) for name in ("Gateway", "Model"))
    for one in (gateway, make.component("Gateway")):
        Dependency.objects.create(upstream=one, downstream=model)
    page = text_of(viewer, f"/components/{model.pk}/blast-radius/")
    assert ">Ask · Gateway</text>" in page
    assert ">Model</text>" in page


def test_unknown_numbers_are_said_to_be_unknown(viewer: Client) -> None:
    service, _ = build()
    Dependency.objects.update(timeout_ms=None, attempts=None, latency_share=None)
    page = text_of(viewer, f"/services/{service.slug}/latency/")
    assert "2 of 2 call seams without a timeout" in page
    assert "No call says its share" in page
    assert "not a prediction" not in page


@pytest.mark.parametrize("parts", [0, 1])
def test_a_service_without_seams_is_told_what_to_do(viewer: Client, parts: int) -> None:
    service = make.service()
    for _ in range(parts):
        make.component(of=service)
    assert "Nothing to add up yet" in text_of(viewer, f"/services/{service.slug}/latency/")
    assert ("No parts yet" in text_of(viewer, f"/services/{service.slug}/map/")) == (parts == 0)


@pytest.mark.parametrize("entry", ["x", "-1", "9" * 30, "²"])
def test_an_entry_of_somebodys_own_making_is_ignored(viewer: Client, entry: str) -> None:
    service, _ = build()
    assert "Latency budget" in text_of(viewer, f"/services/{service.slug}/latency/?entry={entry}")


def test_the_blast_radius_tells_ways_and_owners(viewer: Client) -> None:
    service, parts = build()
    make.assignment(service, make.person("Priya Nair"))
    page = text_of(viewer, f"/components/{parts[-1].pk}/blast-radius/")
    assert "<b>1 service</b> is hit at once" in page
    assert "Priya Nair" in page
    assert f"{parts[2].name} → {parts[1].name} → {parts[0].name}" in page
    assert 'class="box failing"' in page


def test_a_component_that_nothing_needs_says_so(viewer: Client) -> None:
    page = text_of(viewer, f"/components/{make.component().pk}/blast-radius/")
    assert "Nobody is hit, as far as anybody wrote down" in page


def test_a_large_blast_radius_asks_before_it_shows_all(viewer: Client) -> None:
    failing = make.component()
    callers = Component.objects.bulk_create([Component(name=f"Caller {n:03}", kind="api") for n in range(120)])
    Dependency.objects.bulk_create([Dependency(upstream=caller, downstream=failing) for caller in callers])
    url = f"/components/{failing.pk}/blast-radius/"
    page = text_of(viewer, url)
    assert "Caller 119" not in page
    assert f"And {121 - pictures.SHOWN_IN_BLAST} more" in page
    assert "Caller 119" in text_of(viewer, f"{url}?show=all")


def test_the_pages_are_reached_from_the_service_and_the_component(viewer: Client) -> None:
    service, parts = build()
    page = text_of(viewer, f"/services/{service.slug}/")
    assert f'href="/services/{service.slug}/map/"' in page
    assert f'href="/services/{service.slug}/latency/"' in page
    assert f'href="/components/{parts[0].pk}/blast-radius/"' in text_of(viewer, f"/components/{parts[0].pk}/")


@pytest.mark.parametrize("address", ["/services/none/map/", "/services/none/latency/", "/components/9/blast-radius/"])
def test_what_is_not_there_is_not_found(viewer: Client, address: str) -> None:
    assert viewer.get(address).status_code == 404
