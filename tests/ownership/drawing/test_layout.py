"""Drawings: boxes apart, lines downwards but those that lead back, the same every time, on any graph."""

from __future__ import annotations

import random
import re
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ownership.drawing import layering, ordering
from ownership.drawing.layout import lay_out
from ownership.drawing.placing import isotonic
from ownership.drawing.shapes import Box, Layout, Line, Measures

SIZE = 12
NODE = st.integers(0, SIZE - 1)
PAIRS = st.sets(st.tuples(NODE, NODE), max_size=30).map(sorted)
STYLES = ("call", "data")


def lines_of(pairs: list[tuple[int, int]], label: str = "") -> list[Line]:
    return [Line(key, *pair, STYLES[key % 2], label) for key, pair in enumerate(pairs)]


def drawn(pairs: list[tuple[int, int]], **given_to: object) -> Layout:
    return lay_out(range(SIZE), lines_of(pairs), **given_to)


def apart(one: Box, two: Box) -> bool:
    return (
        one.x + one.width <= two.x
        or two.x + two.width <= one.x
        or one.y + one.height <= two.y
        or two.y + two.height <= one.y
    )


def points(path: str) -> list[tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@settings(deadline=None)
@given(pairs=PAIRS)
def test_boxes_do_not_overlap_and_stay_inside(pairs: list[tuple[int, int]]) -> None:
    layout = drawn(pairs)
    assert sorted(box.node for box in layout.boxes) == list(range(SIZE))
    assert all(apart(one, two) for one, two in combinations(layout.boxes, 2))
    for box in layout.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= layout.width
        assert box.y + box.height <= layout.height


@settings(deadline=None)
@given(pairs=PAIRS)
def test_lines_lead_downwards_but_those_of_a_cycle(pairs: list[tuple[int, int]]) -> None:
    layout = drawn(pairs)
    boxes = {box.node: box for box in layout.boxes}
    forward: dict[int, list[int]] = {}
    for route in layout.routes:
        start, end = pairs[route.key]
        assert (boxes[start].y > boxes[end].y) == route.is_back
        assert boxes[start].y != boxes[end].y
        if not route.is_back:
            forward.setdefault(start, []).append(end)
        else:
            assert leads(end, start, pairs)
    assert len(layout.routes) == sum(start != end for start, end in pairs)


def leads(start: int, end: int, pairs: list[tuple[int, int]]) -> bool:
    """There is a way, so that a line the other way closes a cycle."""
    met = {start}
    while more := {two for one, two in pairs if one in met} - met:
        met |= more
    return end in met


@settings(deadline=None)
@given(pairs=PAIRS)
def test_lines_begin_and_end_at_their_boxes_and_pass_through_none(pairs: list[tuple[int, int]]) -> None:
    layout = drawn(pairs)
    boxes = {box.node: box for box in layout.boxes}
    for route in layout.routes:
        start, end = (boxes[node] for node in pairs[route.key])
        first, last = points(route.path)[0], points(route.path)[-1]
        assert start.x <= first[0] <= start.x + start.width
        assert end.x <= last[0] <= end.x + end.width
        assert {first[1], last[1]} <= {start.y, start.y + start.height, end.y, end.y + end.height}
        upright = [(one.x2, one.y2, two.y1) for one, two in pairwise(route.curves)]
        for x, top, bottom in upright:  # the only stretches beside boxes
            assert not any(
                box.x < x < box.x + box.width and box.y < bottom and top < box.y + box.height for box in layout.boxes
            )


@settings(deadline=None, max_examples=30)
@given(pairs=PAIRS, per_row=st.integers(1, 5))
def test_rows_are_no_wider_than_asked(pairs: list[tuple[int, int]], per_row: int) -> None:
    layout = drawn(pairs, measures=Measures(per_row=per_row))
    tops = [box.y for box in layout.boxes]
    assert max(tops.count(top) for top in tops) <= per_row


@settings(deadline=None, max_examples=30)
@given(pairs=PAIRS)
def test_the_same_graph_gives_the_same_drawing(pairs: list[tuple[int, int]]) -> None:
    assert drawn(pairs) == drawn(pairs)


@settings(deadline=None, max_examples=30)
@given(pairs=PAIRS)
def test_labels_cover_neither_boxes_nor_each_other(pairs: list[tuple[int, int]]) -> None:
    layout = lay_out(range(SIZE), lines_of(pairs, label="800 ms × 2"))
    spots = [route.label_at for route in layout.routes if route.label_at]
    for x, y in spots:
        assert not any(box.x < x < box.x + box.width and box.y < y < box.y + box.height for box in layout.boxes)
    assert all(abs(one[1] - two[1]) > 10 or abs(one[0] - two[0]) > 40 for one, two in combinations(spots, 2))


@settings(deadline=None)
@given(pairs=PAIRS)
def test_what_is_turned_leaves_no_cycle(pairs: list[tuple[int, int]]) -> None:
    real = [pair for pair in pairs if pair[0] != pair[1]]
    turned = layering.turned(range(SIZE), real)
    left = [pair for pair in real if pair not in turned]
    assert not any(leads(end, start, left) for start, end in left)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.1, 10)), min_size=1, max_size=12))
def test_pooling_gives_the_nearest_order_keeping_values(pairs: list[tuple[float, float]]) -> None:
    values, weights = [value for value, _ in pairs], [weight for _, weight in pairs]
    found = isotonic(values, weights)
    assert all(one <= two + 1e-9 for one, two in pairwise(found))
    cost = sum(w * (v - x) ** 2 for v, w, x in zip(values, weights, found, strict=True))
    rank = sorted(values)
    for other in (rank, [sum(values) / len(values)] * len(values), [min(values)] * len(values)):
        assert cost <= sum(w * (v - x) ** 2 for v, w, x in zip(values, weights, other, strict=True)) + 1e-6


def test_crossings_are_counted_and_removed() -> None:
    down, up = {0: [3], 1: [2]}, {3: [0], 2: [1]}
    assert ordering.crossings([[0, 1], [2, 3]], down) == 1
    assert ordering.crossings(ordering.ordered([[0, 1], [2, 3]], down, up), down) == 0


def test_a_tree_is_drawn_without_crossings() -> None:
    """A tree can be; whoever sees one crossed stops trusting the picture."""
    pairs = [((child - 1) // 2, child) for child in range(1, 15)]
    nodes = list(range(15))
    random.Random(4).shuffle(nodes)
    layout = lay_out(nodes, lines_of(pairs), measures=Measures(per_row=8))
    row = {box.node: box.y for box in layout.boxes}
    x = {box.node: box.x for box in layout.boxes}
    for (a, b), (c, d) in combinations(pairs, 2):
        if row[a] == row[c] and row[b] == row[d]:
            assert (x[a] - x[c]) * (x[b] - x[d]) >= 0


def test_a_hub_has_one_trunk_a_row() -> None:
    layout = lay_out(range(30), [Line(key, 0, key, "call") for key in range(1, 30)])
    passing = {curve.x1 for route in layout.routes for curve in route.curves[1:]}
    assert len(passing) < 12


def test_sixty_tangled_boxes_are_drawn_whole() -> None:
    rng = random.Random(5)
    pairs = sorted({(rng.randrange(max(0, end - 15), end), end) for end in range(1, 60) for _ in range(3)})
    layout = lay_out(range(60), [Line(key, *pair, rng.choice(STYLES)) for key, pair in enumerate(pairs)])
    assert len(layout.boxes) == 60
    assert len(layout.routes) == len(pairs)
    assert all(apart(one, two) for one, two in combinations(layout.boxes, 2))
    assert layout.width < 1600


@pytest.mark.parametrize("nodes", [0, 1, 7])
def test_boxes_without_lines_stand_below_in_rows(nodes: int) -> None:
    layout = lay_out(range(nodes), [])
    assert len(layout.boxes) == nodes
    assert (layout.loose_at is None) == (nodes == 0)


def test_a_line_to_what_is_not_drawn_is_left_out() -> None:
    layout = lay_out([1, 2], [Line(0, 1, 9), Line(1, 1, 1), Line(2, 1, 2)])
    assert [route.key for route in layout.routes] == [2]


def test_both_directions_between_two_boxes_are_two_lines() -> None:
    there, back = lay_out([1, 2], [Line(0, 1, 2), Line(1, 2, 1)]).routes
    assert (there.is_back, back.is_back) == (False, True)
    assert points(there.path)[0][0] != points(back.path)[-1][0]
