"""Words on lines: each where it covers neither other words nor other lines, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ownership.drawing.lettering import width_of
from ownership.drawing.shapes import Curve, Route

SIZE = 11.0
TALL = 14.0
ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)
STEPS = 16
Spot = tuple[float, float, float]  # centre and half width


def labelled(routes: Sequence[Route]) -> list[Route]:
    """The routes with a place for each label; one that finds no free place has None."""
    passed: dict[int, list[tuple[float, float, Curve]]] = defaultdict(list)
    for route in routes:
        for curve in route.curves:
            for step in range(STEPS + 1):
                x, y = curve.at(step / STEPS)
                passed[int(y // TALL)].append((x, y, curve))
    taken: list[Spot] = []
    found = []
    for route in routes:
        spot = _free(route, passed, taken) if route.label else None
        if spot:
            taken.append(spot)
        found.append(replace(route, label_at=(round(spot[0], 1), round(spot[1], 1)) if spot else None))
    return found


def _free(route: Route, passed: dict[int, list[tuple[float, float, Curve]]], taken: Sequence[Spot]) -> Spot | None:
    half = width_of(route.label, SIZE) / 2 + 3
    for curve in (route.curves[-1], *route.curves[:-1]):
        for t in ALONG:
            x, y = curve.at(t)
            if _is_free((x, y, half), taken) and not _covers((x, y, half), curve, passed):
                return x, y, half
    return None


def _is_free(spot: Spot, taken: Sequence[Spot]) -> bool:
    x, y, half = spot
    return x - half > 0 and all(abs(y - one[1]) > TALL or abs(x - one[0]) > half + one[2] for one in taken)


def _covers(spot: Spot, own: Curve, passed: dict[int, list[tuple[float, float, Curve]]]) -> bool:
    x, y, half = spot
    rows = range(int((y - TALL) // TALL), int((y + TALL) // TALL) + 1)
    return any(
        abs(other_x - x) < half and abs(other_y - y) < TALL / 2 + 2
        for number in rows
        for other_x, other_y, curve in passed.get(number, ())
        if curve is not own
    )
