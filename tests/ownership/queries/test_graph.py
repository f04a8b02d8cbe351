"""Recursive walks give what a plain walk in Python gives, on any graph, cycles included."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import count, pairwise

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from ownership.models import Component, Dependency, Service
from ownership.queries import blast, graph
from ownership.queries.graph import ServiceHit
from ownership.reckoning import walks
from tests import factories as make
from tests.factories import NOON
from tests.ownership.graphs import chain, join, seam

pytestmark = pytest.mark.django_db
SIZE = 7
KINDS = ("call", "data", "event", "build")
EDGES = st.sets(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.sampled_from(KINDS)).filter(
        lambda edge: edge[0] != edge[1]
    ),
    max_size=20,
)


def hits(component: Component, *, at: datetime = NOON) -> Sequence[ServiceHit]:
    return blast.of(component, at=at).services


def reference(start: int, edges: set[tuple[int, int, str]]) -> dict[int, tuple[int, int]]:
    """(hardness, seams) of each node that a failure of `start` reaches: the least over all simple ways."""
    best: dict[int, tuple[int, int]] = {}
    queue = deque([(start, 0, 0, frozenset([start]))])
    while queue:
        node, hardness, length, seen = queue.popleft()
        if (hardness, length) < best.get(node, (9, 99)):
            best[node] = (hardness, length)
        for upstream, downstream, kind in edges:
            if downstream == node and upstream not in seen:
                queue.append((upstream, max(hardness, walks.HARDNESS[kind]), length + 1, seen | {upstream}))
    return best


class Walks(TestCase):
    """Each example in a transaction of its own."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(edges=EDGES)
    def test_whom_a_failure_reaches(self, edges: set[tuple[int, int, str]]) -> None:
        components = [make.component(of=make.service(f"Service {number}")) for number in range(SIZE)]
        for upstream, downstream, kind in sorted(edges):
            seam(components[upstream], components[downstream], kind)
        ids = [component.pk for component in components]
        known = {(ids[upstream], ids[downstream], kind) for upstream, downstream, kind in edges}
        for start in components:
            hit_by = hits(start)
            found = {hit.path[-1].id: (hit.hardness, len(hit.path) - 1) for hit in hit_by}
            assert found == reference(start.pk, known)
            for hit in hit_by:
                assert hit.path[0].id == start.pk
                assert all(
                    any((one.id, before.id, kind) in known for kind in KINDS) for before, one in pairwise(hit.path)
                )

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(edges=EDGES, start=st.integers(0, SIZE - 1))
    def test_both_directions_see_each_seam_once(self, edges: set[tuple[int, int, str]], start: int) -> None:
        components = [make.component() for _ in range(SIZE)]
        made = {edge: seam(components[edge[0]], components[edge[1]], edge[2]).pk for edge in sorted(edges)}
        for walk, own, other in ((graph.upstream_of, 1, 0), (graph.downstream_of, 0, 1)):
            met, wanted = {start}, set()
            while more := {edge for edge in edges if edge[own] in met} - wanted:
                wanted |= more
                met |= {edge[other] for edge in more}
            assert [one.id for one in walk([components[start].pk])] == sorted(made[edge] for edge in wanted)


def test_an_exponential_number_of_ways_costs_no_more_than_its_seams(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Twenty-four rhombs in a row have 2 ** 24 ways."""
    numbers, ends = count(), make.component()
    first = ends
    for _ in range(24):
        sides, after = [make.component(f"side {next(numbers)}") for _ in "ab"], make.component()
        for side in sides:
            seam(side, ends)
            seam(after, side)
        ends = after
    make.assignment(service := make.service(), make.person())
    join(service, ends)
    with django_assert_num_queries(4):
        (hit,) = hits(first)
    assert len(hit.path) == 49


def test_a_service_is_hit_through_its_parts_with_the_way_in_words() -> None:
    gateway, retriever, fallback = chain("Gateway", "Retriever", "Search fallback")
    service = make.service("Support answers", owner=(priya := make.person("Priya Nair")), tier="t1")
    join(service, gateway, "entry")
    (hit,) = hits(fallback)
    assert (hit.way, hit.is_direct, hit.is_softened) == ("Search fallback → Retriever → Gateway", False, False)
    assert hit.why == "Search fallback → Retriever → Gateway, entry in Support answers"
    assert hit.answering.asked is not None
    assert hit.answering.asked.party == priya
    join(service, fallback, "critical")
    (hit,) = hits(fallback)
    assert (hit.is_direct, hit.why) == (True, "Search fallback, critical in Support answers")
    assert [one.is_direct for one in hits(retriever)] == [False]


def test_a_fallback_on_the_way_softens() -> None:
    gateway, _, database = chain("Gateway", "Second model", "Database")
    service = make.service()
    join(service, gateway, "entry")
    join(service, Component.objects.get(name="Second model"), "fallback")
    (hit,) = hits(database)
    assert (hit.role, hit.is_softened) == ("fallback", True)
    seam(gateway, database)  # a way of its own, past the fallback
    (hit,) = hits(database)
    assert (hit.role, hit.is_softened, hit.way) == ("entry", False, "Database → Gateway")


def test_a_longer_way_of_calls_counts_before_a_short_way_of_data() -> None:
    gateway, _, database = chain("Gateway", "Retriever", "Database")
    seam(gateway, database, "data")
    join(make.service(), gateway)
    (hit,) = hits(database)
    assert (hit.way, hit.hardness) == ("Database → Retriever → Gateway", walks.AT_ONCE)


def test_who_stands_in_is_told_and_what_is_retired_is_passed_over() -> None:
    gateway, retriever, fallback = chain("Gateway", "Retriever", "Search fallback")
    service = make.service(owner=make.person(is_active=False))
    make.assignment(service, deputy := make.person(), role="deputy")
    join(service, gateway)
    (hit,) = hits(fallback, at=timezone.now())
    assert hit.answering.asked is not None
    assert hit.answering.asked.party == deputy
    Component.objects.filter(pk=retriever.pk).update(retired_at=NOON)
    assert hits(fallback) == []
    assert hits(gateway) != []
    Service.objects.update(retired_at=NOON)
    assert hits(gateway) == []


@pytest.mark.parametrize("sql", [graph.UPSTREAM, graph.DOWNSTREAM], ids=["upstream", "downstream"])
def test_a_walk_looks_seams_up_by_index_however_many_there_are(sql: str) -> None:
    components = Component.objects.bulk_create([Component(name=f"C {n}", kind="api") for n in range(2000)])
    Dependency.objects.bulk_create(
        [
            Dependency(upstream=one, downstream=components[(n * 7 + step * 31) % 2000])
            for n, one in enumerate(components)
            for step in (1, 2, 3)
            if (n * 7 + step * 31) % 2000 != n
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ownership_dependency; ANALYZE ownership_component")
        cursor.execute(f"EXPLAIN {sql}", [[components[0].pk]])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on ownership_dependency" not in plan
    assert "Seq Scan on ownership_component" not in plan
    assert plan.count("ownership_dependency") >= 2
