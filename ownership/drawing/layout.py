"""A layered drawing of a directed graph: boxes in rows, lines that lead downwards, cycles led back upwards.

Lines longer than one row pass between the boxes through slots of their own; those that begin at the same box, or end
there, share a slot, so that a hub has one trunk and not thirty strands. The same input always gives the same drawing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from ownership.drawing import labelling, layering, ordering, placing
from ownership.drawing.routing import routed
from ownership.drawing.shapes import Box, Grid, Layout, Line, Measures

SLOT = 11.0
MARGIN = 8.0


def lay_out(nodes: Sequence[int], lines: Sequence[Line], *, measures: Measures | None = None) -> Layout:
    """Draw nodes and lines. Earlier nodes stand further up and left where the graph lets them; lines to themselves
    and to nodes that are not drawn are left out."""
    m = measures or Measures()
    known = set(nodes)
    lines = [line for line in lines if line.start != line.end and {line.start, line.end} <= known]
    joined = {end for line in lines for end in (line.start, line.end)}
    grid = _gridded([node for node in nodes if node in joined], lines, m.per_row)
    x = _columns(grid, m)
    across = max((x[item] + _room(item, m) / 2 for item in x), default=0.0) - m.gap
    tops = {number: MARGIN + number * (m.height + m.between) for number in range(len(grid.rows))}
    boxes = [
        Box(item, round(x[item] - m.width / 2 + MARGIN - m.gap / 2, 1), tops[number], m.width, m.height)
        for number, row in enumerate(grid.rows)
        for item in row
        if item >= 0
    ]
    slots = {item: round(x[item] + MARGIN - m.gap / 2, 1) for item in x if item < 0}
    routes = routed(lines, grid, {box.node: box for box in boxes}, slots=slots, tops=tops)
    bottom = MARGIN + len(grid.rows) * (m.height + m.between) - m.between if grid.rows else 0.0
    loose = _loose([node for node in nodes if node not in joined], bottom, m)
    loose_at = loose[0].y if loose else None
    everything = [*boxes, *loose]
    return Layout(
        width=round(max([across + 2 * MARGIN, *(box.x + box.width + MARGIN for box in everything)]), 1),
        height=round(max([bottom + MARGIN, *(box.y + box.height + MARGIN for box in everything)]), 1),
        boxes=everything,
        routes=labelling.labelled(routes),
        loose_at=loose_at,
    )


def _gridded(nodes: Sequence[int], lines: Sequence[Line], per_row: int) -> Grid:
    turned = layering.turned(nodes, [(line.start, line.end) for line in lines])
    ends = {
        line.key: (line.end, line.start) if (line.start, line.end) in turned else (line.start, line.end)
        for line in lines
    }
    row = layering.rows_of(nodes, ends.values(), per_row=per_row)
    rows: list[list[int]] = [[] for _ in range(max(row.values(), default=-1) + 1)]
    for node in nodes:
        rows[row[node]].append(node)
    grid = Grid(row, rows, back={line.key for line in lines if (line.start, line.end) in turned})
    leaves, arrives = _counted(lines, ends)
    slots: dict[tuple[object, ...], int] = {}
    for line in lines:
        upper, lower = ends[line.key]
        of_start = leaves[upper, line.style] >= arrives[lower, line.style]
        trunk = (of_start, upper if of_start else lower, line.style, line.key in grid.back)
        chain = [upper]
        for number in range(row[upper] + 1, row[lower]):
            slot = slots.setdefault((*trunk, number), -len(slots) - 1)
            if slot not in row:
                row[slot] = number
                rows[number].append(slot)
            chain.append(slot)
        grid.chains[line.key] = [*chain, lower]
    down, up = _links(grid)
    grid.rows = ordering.ordered(rows, down, up)
    return grid


def _counted(
    lines: Sequence[Line], ends: dict[int, tuple[int, int]]
) -> tuple[dict[tuple[int, str], int], dict[tuple[int, str], int]]:
    leaves: dict[tuple[int, str], int] = defaultdict(int)
    arrives: dict[tuple[int, str], int] = defaultdict(int)
    for line in lines:
        upper, lower = ends[line.key]
        leaves[upper, line.style] += 1
        arrives[lower, line.style] += 1
    return leaves, arrives


def _links(grid: Grid) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    down: dict[int, list[int]] = defaultdict(list)
    up: dict[int, list[int]] = defaultdict(list)
    for chain in grid.chains.values():
        for one, two in pairwise(chain):
            if two not in down[one]:
                down[one].append(two)
                up[two].append(one)
    return down, up


def _columns(grid: Grid, m: Measures) -> dict[int, float]:
    down, up = _links(grid)

    def pulls(links: dict[int, list[int]]) -> dict[int, list[tuple[int, float]]]:
        return {item: [(one, _force(item, one)) for one in others] for item, others in links.items()}

    room = {item: _room(item, m) for row in grid.rows for item in row}
    return placing.placed(grid.rows, room, pulls(up), pulls(down))


def _force(one: int, two: int) -> float:
    """Slots pull at each other hardest."""
    return (1.0, 2.0, 8.0)[(one < 0) + (two < 0)]


def _room(item: int, m: Measures) -> float:
    return SLOT if item < 0 else m.width + m.gap


def _loose(nodes: Sequence[int], bottom: float, m: Measures) -> list[Box]:
    """Boxes that no line joins: in rows of their own below the rest, with room for a heading."""
    top = bottom + (m.between if bottom else 0) + 28
    return [
        Box(
            node,
            MARGIN + number % m.per_row * (m.width + m.gap),
            top + number // m.per_row * (m.height + m.gap),
            m.width,
            m.height,
        )
        for number, node in enumerate(nodes)
    ]
