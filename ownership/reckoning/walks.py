"""Walks over seams: who is reached from where, by which way, and how much the way softens a failure.

Everything is linear in the seams given, cycles are legal, and the order of the seams given decides ties.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

# How hard a failure of the downstream hits through a seam of each kind.
AT_ONCE, LATER, NEXT_BUILD = range(3)
HARDNESS = {"call": AT_ONCE, "event": LATER, "data": LATER, "build": NEXT_BUILD}
# How much a part's role in a service softens its failure.
ROLE_RANK = {"entry": 0, "critical": 0, "supporting": 1, "fallback": 2}


@dataclass(frozen=True, slots=True)
class Seam:
    """`upstream` needs `downstream` (component ids); `share` is in percent of a latency budget."""

    id: int
    upstream: int
    downstream: int
    kind: str = "call"
    timeout_ms: int | None = None
    attempts: int | None = None
    share: float | None = None

    @property
    def waits_ms(self) -> int | None:
        """Longest wait over all tries: timeout × attempts, pauses between tries not counted; None without a timeout.

        Unknown attempts count as one, so this is the least that it can be.
        """
        return None if self.timeout_ms is None else self.timeout_ms * (self.attempts or 1)


@dataclass(frozen=True)
class Ways:
    """From one component to all that its failure reaches: how hard, and by which way."""

    start: int
    hardness: Mapping[int, int]
    _came_from: Sequence[Mapping[int, int]]  # by hardness: node → the node before it

    def way_to(self, node: int) -> tuple[int, ...]:
        """The component ids from the start to `node`, both included."""
        before = self._came_from[self.hardness[node]]
        way = [node]
        while way[-1] != self.start:
            way.append(before[way[-1]])
        return tuple(reversed(way))


def hit_from(start: int, seams: Iterable[Seam]) -> Ways:
    """Whom a failure of `start` reaches, walking seams from downstream to upstream.

    Of all ways to a component the hardest counts (a way is as soft as its softest seam), and of these the shortest:
    one breadth-first search for each hardness, over the seams that are at least so hard.
    """
    by_hardness: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(3)]
    for seam in seams:
        for level in range(HARDNESS[seam.kind], 3):
            by_hardness[level][seam.downstream].append(seam.upstream)
    hardness: dict[int, int] = {start: AT_ONCE}
    came_from = []
    for level, callers in enumerate(by_hardness):
        before = _search(start, callers)
        came_from.append(before)
        for node in before:
            hardness.setdefault(node, level)
    return Ways(start, hardness, came_from)


@dataclass(frozen=True, slots=True)
class Step:
    """How far a component is from where a walk began, and the kinds of the seams of the shortest way there."""

    away: int
    kinds: tuple[str, ...] = ()


def steps_from(starts: Iterable[int], seams: Iterable[Seam], *, to_callers: bool = False) -> dict[int, Step]:
    """Every component that the nearest of `starts` needs, directly or through others, nearest first.

    `to_callers` walks the other way, to what needs them. Breadth first with a visited set.
    """
    ends: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for seam in seams:
        one, other = (seam.downstream, seam.upstream) if to_callers else (seam.upstream, seam.downstream)
        ends[one].append((other, seam.kind))
    found = {start: Step(0) for start in starts}
    queue = deque(found)
    while queue:
        node = queue.popleft()
        for following, kind in ends[node]:
            if following not in found:
                found[following] = Step(found[node].away + 1, (*found[node].kinds, kind))
                queue.append(following)
    return found


def distances(starts: Iterable[int], seams: Iterable[Seam]) -> dict[int, int]:
    """How many seams each component is away downstream from the nearest of `starts`, nearest first."""
    needs: dict[int, list[int]] = defaultdict(list)
    for seam in seams:
        needs[seam.upstream].append(seam.downstream)
    away = dict.fromkeys(starts, 0)
    queue = deque(away)
    while queue:
        node = queue.popleft()
        for following in needs[node]:
            if following not in away:
                away[following] = away[node] + 1
                queue.append(following)
    return away


def backward(starts: Iterable[int], seams: Sequence[Seam]) -> set[int]:
    """The ids of seams that close a cycle: those that lead back to a component on the way, seen depth first.

    Without them the seams form no cycle. Which ones they are depends on the order of starts and seams only.
    """
    needs: dict[int, list[Seam]] = defaultdict(list)
    for seam in seams:
        needs[seam.upstream].append(seam)
    back: set[int] = set()
    done: set[int] = set()
    for root in (*starts, *needs.copy()):
        if root in done:
            continue
        on_way, stack = {root}, [(root, iter(needs[root]))]
        while stack:
            node, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                stack.pop()
                on_way.discard(node)
                done.add(node)
            elif step.downstream in on_way:
                back.add(step.id)
            elif step.downstream not in done:
                on_way.add(step.downstream)
                stack.append((step.downstream, iter(needs[step.downstream])))
    return back


def role_on(way: Collection[int], roles: Mapping[int, str]) -> str:
    """The role that softens most among a service's parts on a way; `roles` are its parts' by component id."""
    return max((roles[node] for node in way if node in roles), key=lambda role: ROLE_RANK[role])


def _search(start: int, following: Mapping[int, Sequence[int]]) -> dict[int, int]:
    before: dict[int, int] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for one in following.get(node, ()):
            if one not in before and one != start:
                before[one] = node
                queue.append(one)
    return before
