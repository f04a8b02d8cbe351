"""The arithmetic of time: calls one after the other, longest chain, timeouts outlived, tries that multiply."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ownership.reckoning import latency, walks
from ownership.reckoning.walks import Seam

GATEWAY, AGENT, RETRIEVER, MODEL, SEARCH = range(1, 6)


def seams(*given: tuple[int, int, dict[str, object]]) -> list[Seam]:
    return [Seam(number, up, down, **facts) for number, (up, down, facts) in enumerate(given, start=1)]


def reckon(*given: tuple[int, int, dict[str, object]], budget_ms: int | None = 2000) -> latency.Reckoning:
    return latency.reckon(GATEWAY, seams(*given), budget_ms=budget_ms)


def ids(found: object) -> list[int]:
    return [seam.id for seam in found]


FAN_OUT: tuple[tuple[int, int, dict[str, object]], ...] = (
    (GATEWAY, MODEL, {"share": 50}),
    (AGENT, RETRIEVER, {"share": 10}),
    (GATEWAY, AGENT, {"share": 20}),
    (GATEWAY, SEARCH, {"share": 10}),
)


def test_calls_are_taken_one_after_the_other_in_the_order_of_a_request() -> None:
    positions = {GATEWAY: 0, SEARCH: 1, AGENT: 2, RETRIEVER: 3, MODEL: 4}
    found = latency.reckon(GATEWAY, seams(*FAN_OUT), budget_ms=3000, positions=positions)
    assert [(band.seam.downstream, band.begins, band.share) for band in found.bands] == [
        (SEARCH, 0, 10),
        (AGENT, 10, 20),
        (RETRIEVER, 30, 10),
        (MODEL, 40, 50),
    ]
    assert (found.claimed, found.left, found.is_over_allotted) == (90, 10, False)


def test_the_longest_chain_is_the_least_that_a_request_claims() -> None:
    found = reckon(*FAN_OUT)
    assert (ids(found.longest), found.longest_claims, found.is_one_chain) == ([1], 50, False)
    assert [band.seam.id for band in found.bands if band.is_longest] == [1]
    assert reckon((GATEWAY, AGENT, {"share": 5}), (AGENT, MODEL, {"share": 5})).is_one_chain


def test_what_has_no_position_comes_last() -> None:
    found = latency.reckon(
        GATEWAY, seams((GATEWAY, AGENT, {}), (GATEWAY, MODEL, {})), budget_ms=1, positions={MODEL: 4}
    )
    assert [band.seam.downstream for band in found.bands] == [MODEL, AGENT]


def test_calls_below_a_component_met_twice_count_once_and_it_is_named() -> None:
    found = reckon(
        (GATEWAY, AGENT, {"share": 10}),
        (GATEWAY, RETRIEVER, {"share": 10, "attempts": 2}),
        (AGENT, RETRIEVER, {"share": 10}),
        (RETRIEVER, SEARCH, {"share": 30}),
    )
    assert [band.seam.id for band in found.bands] == [1, 3, 4, 2]
    assert (found.claimed, found.met_again) == (60, [RETRIEVER])
    assert {band.seam.id: band.calls for band in found.bands} == {1: 1, 3: 1, 4: 2, 2: 2}


def test_siblings_together_can_be_more_than_there_is() -> None:
    found = reckon((GATEWAY, AGENT, {"share": 60}), (GATEWAY, MODEL, {"share": 60}))
    assert (found.claimed, found.longest_claims, found.is_over_allotted) == (120, 60, True)


def test_shares_that_make_up_the_whole_are_not_too_much() -> None:
    found = reckon(*((GATEWAY, one, {"share": share}) for one, share in ((2, 33.3), (3, 33.3), (4, 33.3), (5, 0.1))))
    assert (found.claimed, found.is_over_allotted) == (100, False)


def test_without_shares_the_longest_chain_is_taken_and_said_to_be_unknown() -> None:
    found = reckon((GATEWAY, MODEL, {}), (GATEWAY, AGENT, {}), (AGENT, RETRIEVER, {}))
    assert [seam.downstream for seam in found.longest] == [AGENT, RETRIEVER]
    assert (found.without_share, found.without_timeout, found.without_attempts, found.seams) == (3, 3, 3, 3)
    assert found.claimed == 0


def test_only_calls_that_the_entry_reaches_count() -> None:
    found = reckon(
        (GATEWAY, AGENT, {"share": 5}), (AGENT, MODEL, {"share": 50, "kind": "data"}), (SEARCH, MODEL, {"share": 50})
    )
    assert (found.claimed, found.seams) == (5, 1)


def test_more_given_away_than_there_is() -> None:
    found = reckon((GATEWAY, AGENT, {"share": 70}), (AGENT, MODEL, {"share": 50}))
    assert (found.claimed, found.left, found.is_over_allotted) == (120, -20, True)


@pytest.mark.parametrize(
    ("inner", "inverted"),
    [
        ({"timeout_ms": 999}, False),
        ({"timeout_ms": 1000}, True),
        ({"timeout_ms": 500, "attempts": 2}, True),
        ({"timeout_ms": 300, "attempts": 3}, False),
        ({"attempts": 9}, False),
    ],
)
def test_an_inner_seam_that_waits_as_long_as_the_outer_is_inverted(inner: dict[str, object], inverted: bool) -> None:
    found = reckon((GATEWAY, AGENT, {"timeout_ms": 1000, "attempts": 5}), (AGENT, MODEL, inner))
    assert [(one.outer.id, one.inner.id) for one in found.inversions] == ([(1, 2)] if inverted else [])


def test_a_seam_without_timeout_is_looked_past() -> None:
    found = reckon(
        (GATEWAY, AGENT, {"timeout_ms": 1000}), (AGENT, RETRIEVER, {}), (RETRIEVER, SEARCH, {"timeout_ms": 2000})
    )
    assert [(one.outer.id, one.inner.id, one.waits_ms) for one in found.inversions] == [(1, 3, 2000)]


def test_every_caller_is_compared() -> None:
    found = reckon(
        (GATEWAY, AGENT, {"timeout_ms": 1000}),
        (GATEWAY, RETRIEVER, {"timeout_ms": 100}),
        (AGENT, SEARCH, {"timeout_ms": 400}),
        (RETRIEVER, SEARCH, {"timeout_ms": 400}),
    )
    assert [(one.outer.id, one.inner.id) for one in found.inversions] == [(2, 4)]


def test_tries_multiply_along_the_way() -> None:
    found = reckon(
        (GATEWAY, AGENT, {"attempts": 3}),
        (AGENT, RETRIEVER, {}),
        (RETRIEVER, SEARCH, {"attempts": 3}),
        (SEARCH, MODEL, {}),
    )
    assert found.amplification is not None
    assert (found.amplification.calls, ids(found.amplification.way)) == (9, [1, 2, 3])
    assert [band.calls for band in found.bands] == [3, 3, 9, 9]


def test_one_seam_that_tries_again_is_what_was_meant() -> None:
    assert reckon((GATEWAY, AGENT, {"attempts": 5}), (AGENT, MODEL, {"attempts": 1})).amplification is None


def test_waits_beyond_the_budget_are_named() -> None:
    given = ((GATEWAY, AGENT, {"timeout_ms": 700, "attempts": 3}), (GATEWAY, MODEL, {"timeout_ms": 2000}))
    assert ids(reckon(*given).beyond_budget) == [1]
    assert ids(reckon(*given, budget_ms=None).beyond_budget) == []


def test_a_cycle_is_cut_where_it_leads_back_and_named() -> None:
    found = reckon(
        (GATEWAY, AGENT, {"share": 10, "attempts": 2}),
        (AGENT, MODEL, {"share": 10, "attempts": 2}),
        (MODEL, AGENT, {"share": 10, "attempts": 2}),
    )
    assert (found.claimed, ids(found.cut), found.seams) == (20, [3], 2)
    assert found.amplification is not None
    assert found.amplification.calls == 4


@pytest.mark.parametrize(("percentile", "count", "kept"), [(99, 5, 95), (95, 1, 95), (50, 3, 0), (99.9, 10, 99)])
def test_what_is_kept_together(percentile: float, count: int, kept: float) -> None:
    assert latency.kept_together(percentile, count) == pytest.approx(kept)


SHARES = st.one_of(st.none(), st.integers(1, 100))
GRAPHS = st.dictionaries(
    st.tuples(st.integers(1, 7), st.integers(1, 7)).filter(lambda pair: pair[0] != pair[1]),
    st.tuples(SHARES, st.one_of(st.none(), st.integers(1, 4))),
    max_size=14,
)


def ways_from(node: int, forward: list[Seam]) -> list[list[Seam]]:
    """Every way from a node, the empty one too."""
    onward = [seam for seam in forward if seam.upstream == node]
    return [[], *([seam, *rest] for seam in onward for rest in ways_from(seam.downstream, forward))]


@settings(deadline=None)
@given(graph=GRAPHS)
def test_path_and_product_against_every_way_there_is(
    graph: dict[tuple[int, int], tuple[int | None, int | None]],
) -> None:
    all_seams = [
        Seam(number, *pair, share=share, attempts=attempts)
        for number, (pair, (share, attempts)) in enumerate(graph.items())
    ]
    found = latency.reckon(1, all_seams, budget_ms=None)
    cut = {seam.id for seam in found.cut}
    reached = latency.reached(1, all_seams)
    ways = ways_from(1, [seam for seam in reached if seam.id not in cut])
    weights = [(sum(seam.share or 0 for seam in way), len(way)) for way in ways]
    assert (found.longest_claims, len(found.longest)) == max(weights)
    assert sorted(ids(band.seam for band in found.bands)) == sorted(seam.id for seam in reached if seam.id not in cut)
    products = []
    for way in ways:
        product = 1
        for seam in way:
            product *= seam.attempts or 1
        products.append(product)
    if found.amplification:
        assert found.amplification.calls == max(products)


def test_a_seam_is_outlived_by_the_outer_ones_but_not_round_a_cycle() -> None:
    outer, inner, back, data = seams(
        (GATEWAY, AGENT, {"timeout_ms": 500}),
        (AGENT, MODEL, {"timeout_ms": 500}),
        (MODEL, AGENT, {"timeout_ms": 100}),
        (SEARCH, AGENT, {"timeout_ms": 100, "kind": "data"}),
    )
    assert latency.outlived_by(inner, [outer, inner, back, data]) == [outer]
    assert latency.outlived_by(data, [outer, inner, back, data]) == []


@given(graph=GRAPHS)
def test_without_backward_seams_there_is_no_cycle(graph: dict[tuple[int, int], object]) -> None:
    all_seams = [Seam(number, *pair) for number, pair in enumerate(graph)]
    back = walks.backward([1], all_seams)
    left = [(seam.upstream, seam.downstream) for seam in all_seams if seam.id not in back]
    while ends := [pair for pair in left if pair[1] not in {up for up, _ in left}]:
        left = [pair for pair in left if pair not in ends]
    assert left == []
