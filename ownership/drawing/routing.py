"""Last quarter of a layered drawing: lines from box to box, through their slots, as smooth curves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ownership.drawing.shapes import Box, Curve, Grid, Line, Route

PORT = 22.0  # at most so far from one line's end to the next on the edge of a box
TIP = 8.0


def routed(
    lines: Sequence[Line],
    grid: Grid,
    boxes: Mapping[int, Box],
    *,
    slots: Mapping[int, float],
    tops: Mapping[int, float],
) -> list[Route]:
    """Every line as curves through its chain of box, slots, box. `slots` says how far right, `tops` how far down."""
    leaving, arriving = _ports(grid.chains, boxes, slots)
    routes = []
    for line in lines:
        chain, is_back = grid.chains[line.key], line.key in grid.back
        upper, lower = boxes[chain[0]], boxes[chain[-1]]
        x, y = leaving[line.key], upper.y + upper.height
        curves = []
        for slot in chain[1:-1]:
            top = tops[grid.row[slot]]
            curves.append(Curve(x, y, slots[slot], top))
            x, y = slots[slot], top + upper.height
        curves.append(Curve(x, y, arriving[line.key], lower.y))
        path, tip = _path(curves, is_back=is_back), _tip(curves, is_back=is_back)
        routes.append(Route(line.key, path, tip, is_back, line.label, curves))
    return routes


def _ports(
    chains: Mapping[int, Sequence[int]], boxes: Mapping[int, Box], slots: Mapping[int, float]
) -> tuple[dict[int, float], dict[int, float]]:
    """Where each line leaves its upper box and arrives at its lower one: in the order of where it goes."""
    leaving: dict[int, list[tuple[int, int]]] = defaultdict(list)
    arriving: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key, chain in chains.items():
        leaving[chain[0]].append((chain[1], key))
        arriving[chain[-1]].append((chain[-2], key))
    return _spread(leaving, boxes, slots), _spread(arriving, boxes, slots)


def _spread(
    ends: Mapping[int, Sequence[tuple[int, int]]], boxes: Mapping[int, Box], slots: Mapping[int, float]
) -> dict[int, float]:
    """Places on one edge of each box; lines through the same slot are one strand and share a place."""
    places: dict[int, float] = {}
    for item, leads in ends.items():
        strands: dict[tuple[int, int], list[int]] = defaultdict(list)
        for following, key in leads:
            strands[following, 0 if following < 0 else key].append(key)
        toward = {
            strand: slots[strand[0]] if strand[0] < 0 else boxes[strand[0]].x + boxes[strand[0]].width / 2
            for strand in strands
        }
        box = boxes[item]
        step = min(PORT, (box.width - 32) / max(len(strands) - 1, 1))
        for number, strand in enumerate(sorted(strands, key=lambda strand: (toward[strand], strands[strand][0]))):
            at = round(box.x + box.width / 2 + (number - (len(strands) - 1) / 2) * step, 1)
            places.update(dict.fromkeys(strands[strand], at))
    return places


def _path(curves: Sequence[Curve], *, is_back: bool) -> str:
    """SVG path data; a line that leads back is written from its start, which is below."""
    drawn = (
        [(one.x2, one.y2, one.x1, one.y1) for one in reversed(curves)]
        if is_back
        else [(one.x1, one.y1, one.x2, one.y2) for one in curves]
    )
    said = []
    for number, (x1, y1, x2, y2) in enumerate(drawn):
        middle = round((y1 + y2) / 2, 1)
        said.append(f"{'L' if number else 'M'}{x1:g} {y1:g}")
        said.append(f"C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {y2:g}")
    return "".join(said)


def _tip(curves: Sequence[Curve], *, is_back: bool) -> str:
    """A small triangle where the line arrives."""
    x, y, away = (curves[0].x1, curves[0].y1, TIP) if is_back else (curves[-1].x2, curves[-1].y2, -TIP)
    return f"M{x - 4:g} {y + away:g}L{x:g} {y:g}L{x + 4:g} {y + away:g}Z"
