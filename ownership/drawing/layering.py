"""First half of a layered drawing: turn cycles round and put each node into a row, none too wide.

K. Sugiyama, S. Tagawa, M. Toda: Methods for visual understanding of hierarchical system structures, 1981. Rows are
filled as in E. G. Coffman, R. L. Graham: Optimal scheduling for two-processor systems, 1972: a node waits for those
above it, and what has the longest way below it goes first, but nothing waits for room for
ever, which would make its lines long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

Pair = tuple[int, int]


def turned(nodes: Sequence[int], pairs: Iterable[Pair]) -> set[Pair]:
    """The pairs that must be turned round so that no cycle is left: those that lead back on a way, depth first.

    Nodes that nothing leads to begin, in the order given; a node inside a cycle begins only when no other is left.
    """
    following: dict[int, list[int]] = defaultdict(list)
    led_to = set()
    for start, end in pairs:
        following[start].append(end)
        led_to.add(end)
    back: set[Pair] = set()
    done: set[int] = set()
    for root in sorted(nodes, key=lambda node: node in led_to):
        if root in done:
            continue
        on_way, stack = {root}, [(root, iter(following[root]))]
        while stack:
            node, rest = stack[-1]
            below = next(rest, None)
            if below is None:
                stack.pop()
                on_way.discard(node)
                done.add(node)
            elif below in on_way:
                back.add((node, below))
            elif below not in done:
                on_way.add(below)
                stack.append((below, iter(following[below])))
    return back


def rows_of(nodes: Sequence[int], pairs: Iterable[Pair], *, per_row: int) -> dict[int, int]:
    """The row of each node, 0 on top, at most `per_row` in a row; every pair leads downwards. No cycle allowed."""
    below: dict[int, set[int]] = {node: set() for node in nodes}
    above: dict[int, set[int]] = {node: set() for node in nodes}
    for start, end in pairs:
        below[start].add(end)
        above[end].add(start)
    row = _scheduled(nodes, below, above, per_row)
    _pull_together(nodes, row, below, above, per_row)
    used = {number: place for place, number in enumerate(sorted(set(row.values())))}
    return {node: used[row[node]] for node in nodes}


def _scheduled(
    nodes: Sequence[int], below: dict[int, set[int]], above: dict[int, set[int]], per_row: int
) -> dict[int, int]:
    longest = _longest_way_down(nodes, below, above)
    place = {node: number for number, node in enumerate(nodes)}
    missing = {node: len(above[node]) for node in nodes}
    since = {node: 0 for node in nodes if not missing[node]}  # waits for room since this row
    row: dict[int, int] = {}
    while since:
        in_turn = sorted(since, key=lambda node: (since[node] - longest[node], place[node]))
        number = max(row.values(), default=-1) + 1
        for node in in_turn[:per_row]:
            row[node] = number
            del since[node]
        for node in in_turn[:per_row]:
            for end in below[node]:
                missing[end] -= 1
                if not missing[end]:
                    since[end] = number + 1
    return row


def _longest_way_down(nodes: Sequence[int], below: dict[int, set[int]], above: dict[int, set[int]]) -> dict[int, int]:
    longest = dict.fromkeys(nodes, 0)
    missing = {node: len(below[node]) for node in nodes}
    ready = [node for node in nodes if not missing[node]]
    while ready:
        node = ready.pop()
        for start in above[node]:
            longest[start] = max(longest[start], longest[node] + 1)
            missing[start] -= 1
            if not missing[start]:
                ready.append(start)
    return longest


def _pull_together(
    nodes: Sequence[int], row: dict[int, int], below: dict[int, set[int]], above: dict[int, set[int]], per_row: int
) -> None:
    """Move nodes within their room towards the side that has more of their lines, which makes lines shorter."""
    filled: dict[int, int] = defaultdict(int)
    for number in row.values():
        filled[number] += 1
    for _ in range(8):
        moved = False
        for node in nodes:
            first = max((row[start] for start in above[node]), default=0 if below[node] else row[node])
            first += 1 if above[node] else 0
            last = min((row[end] for end in below[node]), default=row[node] + 1) - 1
            rooms = range(last, row[node], -1) if len(below[node]) > len(above[node]) else range(first, row[node])
            if len(below[node]) == len(above[node]):
                continue
            better = next((room for room in rooms if filled[room] < per_row), None)
            if better is not None:
                filled[row[node]] -= 1
                filled[better] += 1
                row[node] = better
                moved = True
        if not moved:
            return
