"""Second quarter of a layered drawing: the order inside each row, so that few lines cross.

Sweeps down and up sort each row by the mean place of its neighbours (barycentre), then neighbours change places while
that removes crossings; the best order seen is kept.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from itertools import pairwise

SWEEPS, PATIENCE = 24, 4  # how often at most, and how often without getting better
Links = Mapping[int, Sequence[int]]


def ordered(rows: Sequence[Sequence[int]], down: Links, up: Links) -> list[list[int]]:
    """The rows with their items in a good order. `down` and `up` name each item's neighbours in the next rows.

    The search begins from several orders, for each ends in another dead end.
    """
    from_below = _as_met([*reversed(rows)], up)[::-1]
    tried = [
        _swept(_as_met(rows, down), down, up, from_below=False),
        _swept(from_below, down, up, from_below=True),
        _swept(rows, down, up, from_below=True),
    ]
    return min(tried, key=lambda order: crossings(order, down))


def _swept(start: Sequence[Sequence[int]], down: Links, up: Links, *, from_below: bool) -> list[list[int]]:
    current = [list(row) for row in start]
    best, fewest = [list(row) for row in current], crossings(current, down)
    idle = 0
    for sweep in range(SWEEPS):
        if not fewest or idle == PATIENCE:
            break
        if bool(sweep % 2) is not from_below:
            for number in range(len(current) - 2, -1, -1):
                _sort(current[number], current[number + 1], down)
        else:
            for number in range(1, len(current)):
                _sort(current[number], current[number - 1], up)
        _swap_neighbours(current, down, up)
        found = crossings(current, down)
        idle += 1
        if found < fewest:
            best, fewest, idle = [list(row) for row in current], found, 0
    return best


def crossings(rows: Sequence[Sequence[int]], down: Links) -> int:
    """How many pairs of lines cross between neighbouring rows."""
    total = 0
    for upper, lower in pairwise(rows):
        place = {item: number for number, item in enumerate(lower)}
        seen: list[int] = []
        for item in upper:
            ends = sorted(place[end] for end in down.get(item, ()))
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _as_met(rows: Sequence[Sequence[int]], down: Links) -> list[list[int]]:
    """A first order: as a walk from the top meets them, so that what belongs together begins together."""
    number_of = {item: number for number, row in enumerate(rows) for item in row}
    met: list[list[int]] = [[] for _ in rows]
    seen: set[int] = set()
    for top in (item for row in rows for item in row):
        stack = [top]
        while stack:
            item = stack.pop()
            if item in seen:
                continue
            seen.add(item)
            met[number_of[item]].append(item)
            stack.extend(reversed(down.get(item, ())))
    return met


def _sort(row: list[int], fixed: Sequence[int], links: Links) -> None:
    """Sort a row by the mean place of its neighbours in the fixed one; what has none keeps its place."""
    place = {item: number for number, item in enumerate(fixed)}
    means = {item: sum(place[one] for one in links[item]) / len(links[item]) for item in row if links.get(item)}
    sorted_items = iter(sorted(means, key=lambda item: means[item]))
    row[:] = [next(sorted_items) if item in means else item for item in row]


def _swap_neighbours(rows: list[list[int]], down: Links, up: Links) -> None:
    for number, row in enumerate(rows):
        around = [
            ({item: place for place, item in enumerate(rows[other])}, links)
            for other, links in ((number - 1, up), (number + 1, down))
            if 0 <= other < len(rows)
        ]
        for _ in range(3):
            swapped = False
            for left in range(len(row) - 1):
                one, two = row[left], row[left + 1]
                gain = sum(_cross(one, two, *side) - _cross(two, one, *side) for side in around)
                if gain > 0:
                    row[left], row[left + 1] = two, one
                    swapped = True
            if not swapped:
                break


def _cross(left: int, right: int, place: Mapping[int, int], links: Links) -> int:
    """How many lines of two neighbours cross while `left` stands on the left."""
    ends = sorted(place[end] for end in links.get(right, ()))
    return sum(bisect_right(ends, place[end] - 1) for end in links.get(left, ()))
