"""Third quarter of a layered drawing: how far right each item stands, in a given order, without overlap.

Each row in turn is moved as near as possible to its neighbours' mean while items keep their distance: a least-squares
problem under an order, solved exactly by pooling adjacent violators (R. E. Barlow et al.: Statistical Inference under
Order Restrictions, 1972). Long lines pull harder, so that they become straight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

SWEEPS = 32
Pulls = Mapping[int, Sequence[tuple[int, float]]]  # item → (neighbour, how hard it pulls)


def placed(rows: Sequence[Sequence[int]], room: Mapping[int, float], up: Pulls, down: Pulls) -> dict[int, float]:
    """The centre of each item, at least half its room and half its neighbour's away from the next.

    All rows fit into the room of the fullest one.
    """
    widest = max((sum(room[item] for item in row) for row in rows), default=0.0)
    x: dict[int, float] = {}
    for row in rows:
        left = (widest - sum(room[item] for item in row)) / 2
        for item in row:
            x[item] = left + room[item] / 2
            left += room[item]
    order = range(len(rows))
    for sweep in range(SWEEPS):
        both = sweep >= SWEEPS - 12
        for number in order if sweep % 2 == 0 else reversed(order):
            pulls = (up, down) if both else ((up,) if sweep % 2 == 0 else (down,))
            _settle(rows[number], x, room, pulls, widest)
    return x


def _settle(
    row: Sequence[int], x: dict[int, float], room: Mapping[int, float], pulls: Sequence[Pulls], widest: float
) -> None:
    if not row:
        return
    offsets = [0.0]
    for one, two in pairwise(row):
        offsets.append(offsets[-1] + (room[one] + room[two]) / 2)
    wished, weights = [], []
    for item, offset in zip(row, offsets, strict=True):
        neighbours = [pull for side in pulls for pull in side.get(item, ())]
        weight = sum(force for _, force in neighbours)
        mean = sum(x[other] * force for other, force in neighbours) / weight if weight else x[item]
        wished.append(mean - offset)
        weights.append(weight or 0.1)
    least, most = room[row[0]] / 2, widest - room[row[-1]] / 2 - offsets[-1]
    for item, offset, value in zip(row, offsets, isotonic(wished, weights), strict=True):
        x[item] = min(max(value, least), most) + offset


def isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The non-decreasing sequence nearest to `values` by weighted squares: pool adjacent violators."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        mean, total, size = value, weight, 1
        while pools and pools[-1][0] > mean:
            before, heavy, many = pools.pop()
            mean = (mean * total + before * heavy) / (total + heavy)
            total, size = total + heavy, size + many
        pools.append((mean, total, size))
    return [mean for mean, _, size in pools for _ in range(size)]
