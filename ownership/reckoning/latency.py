"""Where the time of a request goes: budget split, longest chain, timeouts that outlive each other, tries that multiply.

All of it is planning arithmetic on what people wrote down. Latencies at a percentile do not add: see `kept_together`.
What is not known stays unknown and is counted as such, never guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ownership.reckoning.walks import Seam, backward, distances

CALL = "call"


@dataclass(frozen=True)
class Band:
    """One seam's place in the waterfall: from `begins` for `share` percent of the budget; None when not known.

    `calls` is how often the downstream may be called for one request of a user: the largest product of attempts on a
    way from the entry up to and including this seam. `is_longest` when it lies on the longest single chain.
    """

    seam: Seam
    begins: float
    share: float | None
    calls: int
    is_longest: bool = False


@dataclass(frozen=True)
class Inversion:
    """`inner` may still be waiting when `outer`, which waits for it, has given up: `waits_ms` ≥ outer's timeout."""

    outer: Seam
    inner: Seam
    waits_ms: int


@dataclass(frozen=True)
class Amplification:
    """The way from the entry on which tries multiply most; `calls` for one request at its last seam."""

    way: Sequence[Seam]
    calls: int


@dataclass(frozen=True)
class Reckoning:
    """All that can be said about the call seams from one entry.

    `bands` are all of them one after the other, `claimed` the sum of their shares: nothing says which calls go on
    beside each other, so the sum takes none of them so. `longest` is the chain that must run one after the other
    whatever goes on beside it. `met_again` are components with calls of their own that more than one seam leads to;
    those calls count once.
    """

    entry: int
    bands: Sequence[Band]
    claimed: float
    longest: Sequence[Seam]
    met_again: Sequence[int]
    inversions: Sequence[Inversion]
    amplification: Amplification | None
    beyond_budget: Sequence[Seam]
    cut: Sequence[Seam]
    seams: int
    without_timeout: int
    without_attempts: int

    @property
    def left(self) -> float:
        """Percent of the budget that no seam claims; negative when more was given away than there is."""
        return 100 - self.claimed

    @property
    def longest_claims(self) -> float:
        """Percent of the budget that the longest single chain claims."""
        return round(sum(seam.share or 0 for seam in self.longest), 3)

    @property
    def is_one_chain(self) -> bool:
        """True when no component calls two others, so that nothing can go on beside anything."""
        return len(self.longest) == len(self.bands)

    @property
    def is_over_allotted(self) -> bool:
        """True when the shares add up to more than the budget."""
        return self.claimed > 100

    @property
    def without_share(self) -> int:
        """How many seams say no share."""
        return sum(band.share is None for band in self.bands)


def reckon(
    entry: int, seams: Sequence[Seam], *, budget_ms: int | None, positions: Mapping[int, int] | None = None
) -> Reckoning:
    """What the call seams that `entry` reaches among `seams` say about time; linear but for the inversions.

    Seams that lead back on the way are cut before anything is added or multiplied, and named in `cut`. `positions`
    says where components stand on the path of a request; calls of one component are told in that order.
    """
    calls = reached(entry, seams)
    back = backward([entry], calls)
    forward = [seam for seam in calls if seam.id not in back]
    in_order = one_after_the_other(entry, forward, positions or {})
    longest = longest_chain(entry, forward)
    callers = Counter(seam.downstream for seam in forward)
    return Reckoning(
        entry=entry,
        bands=waterfall(entry, in_order, longest),
        claimed=round(
            sum(seam.share or 0 for seam in in_order), 3
        ),  # three times 33.3 % and 0.1 % are no more than all
        longest=longest,
        met_again=list(dict.fromkeys(seam.upstream for seam in in_order if callers[seam.upstream] > 1)),
        inversions=inversions(forward),
        amplification=amplification(entry, forward),
        beyond_budget=[one for one in forward if budget_ms and one.waits_ms and one.waits_ms > budget_ms],
        cut=[seam for seam in calls if seam.id in back],
        seams=len(forward),
        without_timeout=sum(seam.timeout_ms is None for seam in forward),
        without_attempts=sum(seam.attempts is None for seam in forward),
    )


def reached(entry: int, seams: Sequence[Seam]) -> list[Seam]:
    """The call seams that a request from `entry` can pass."""
    calls = [seam for seam in seams if seam.kind == CALL]
    away = distances([entry], calls)
    return [seam for seam in calls if seam.upstream in away]


def one_after_the_other(entry: int, seams: Sequence[Seam], positions: Mapping[int, int]) -> list[Seam]:
    """Every seam once, depth first: a call, then the calls that it makes in turn, then the caller's next call.

    Calls of one component follow the positions of what they call, those without one last, then ids. The calls of a
    component that is reached twice follow where it is reached first. The seams must form no cycle.
    """
    last = len(positions) + max(positions.values(), default=0)
    needs = _by_upstream(sorted(seams, key=lambda seam: (positions.get(seam.downstream, last), seam.id)))
    order: list[Seam] = []
    seen, stack = {entry}, [iter(needs.get(entry, ()))]
    while stack:
        seam = next(stack[-1], None)
        if seam is None:
            stack.pop()
            continue
        order.append(seam)
        if seam.downstream not in seen:
            seen.add(seam.downstream)
            stack.append(iter(needs.get(seam.downstream, ())))
    return order


def longest_chain(entry: int, seams: Sequence[Seam]) -> list[Seam]:
    """The path from `entry` whose known shares add up to most; among equals the one over most seams, then by id.

    longest(v) = max over seams v → w of (share + longest(w)), computed from the far end; a share that is not known
    adds 0. The seams must form no cycle.
    """
    needs = _by_upstream(sorted(seams, key=lambda one: one.id))
    best: dict[int, tuple[float, int]] = {}
    chosen: dict[int, Seam] = {}
    for node in _far_end_first(entry, needs):
        best[node] = (0.0, 0)
        for seam in needs.get(node, ()):
            weight, length = best[seam.downstream]
            candidate = (weight + (seam.share or 0), length + 1)
            if candidate > best[node]:
                best[node], chosen[node] = candidate, seam
    path, node = [], entry
    while node in chosen:
        path.append(chosen[node])
        node = path[-1].downstream
    return path


def waterfall(entry: int, in_order: Sequence[Seam], longest: Sequence[Seam]) -> list[Band]:
    """The seams one after the other: each begins where the known shares before it end."""
    calls, _ = _most_calls(entry, in_order)
    chain = {seam.id for seam in longest}
    bands, begins = [], 0.0
    for seam in in_order:
        bands.append(
            Band(seam, begins, seam.share, calls[seam.upstream] * (seam.attempts or 1), is_longest=seam.id in chain)
        )
        begins += seam.share or 0
    return bands


def inversions(seams: Sequence[Seam]) -> list[Inversion]:
    """Inner seams that may wait as long as the outer one that waits for them, or longer.

    inverted ⇔ inner timeout × inner attempts ≥ outer timeout. Each inner seam is compared with the nearest outer ones
    that have a timeout, past those that have none. The outer timeout counts once: each of its tries waits anew.
    """
    callers: dict[int, list[Seam]] = defaultdict(list)
    for seam in seams:
        callers[seam.downstream].append(seam)
    return [
        Inversion(outer, inner, inner.waits_ms)
        for inner in seams
        if inner.waits_ms is not None
        for outer in _nearest_with_timeout(inner.upstream, callers)
        if outer.timeout_ms is not None and inner.waits_ms >= outer.timeout_ms
    ]


def outlived_by(inner: Seam, seams: Sequence[Seam]) -> list[Seam]:
    """The outer seams that give up before `inner` does, among call seams that lead to its upstream.

    Seams on a cycle with `inner` are left out: there, neither is the outer one.
    """
    if inner.kind != CALL:
        return []
    calls = [seam for seam in seams if seam.kind == CALL]
    below = distances([inner.downstream], calls)
    outside = [seam for seam in calls if seam.upstream not in below and seam.id != inner.id]
    return [one.outer for one in inversions([*outside, inner]) if one.inner.id == inner.id]


def _nearest_with_timeout(node: int, callers: Mapping[int, Sequence[Seam]]) -> list[Seam]:
    found, seen, stack = [], {node}, [node]
    while stack:
        for seam in callers.get(stack.pop(), ()):
            if seam.timeout_ms is not None:
                found.append(seam)
            elif seam.upstream not in seen:
                seen.add(seam.upstream)
                stack.append(seam.upstream)
    return sorted(found, key=lambda seam: seam.id)


def amplification(entry: int, seams: Sequence[Seam]) -> Amplification | None:
    """The way on which the product of attempts is largest, cut after its last seam that tries more than once.

    None unless at least two seams of the way try more than once: one seam's own tries are what was meant, tries of
    tries are not.
    """
    calls, came = _most_calls(entry, seams)
    worst = max(calls, key=lambda node: (calls[node], -len(_way(node, came)), -node))
    way = _way(worst, came)
    if sum((seam.attempts or 1) > 1 for seam in way) < 2:
        return None
    return Amplification(way, calls[worst])


def kept_together(percentile: float, seams: int) -> float:
    """The least percent of requests in which every seam keeps its share, when each does so in `percentile` percent.

    Boole's inequality: P(all) ≥ 1 - n·(1 - p), however the seams depend on each other. With 5 seams at p99 the sum of
    their p99 values is kept by at least 95 % of requests, not by 99 %: percentiles do not add.
    """
    return max(0.0, 100 - seams * (100 - percentile))


def _most_calls(entry: int, seams: Sequence[Seam]) -> tuple[dict[int, int], dict[int, Seam]]:
    """How often each component may be called for one request, and the seam over which that is so.

    calls(w) = max over seams v → w of calls(v) × attempts; unknown attempts count as 1.
    """
    needs = _by_upstream(sorted(seams, key=lambda one: one.id))
    calls = {entry: 1}
    came: dict[int, Seam] = {}
    for node in reversed(_far_end_first(entry, needs)):
        for seam in needs.get(node, ()):
            product = calls[node] * (seam.attempts or 1)
            if product > calls.get(seam.downstream, 0):
                calls[seam.downstream], came[seam.downstream] = product, seam
    return calls, came


def _by_upstream(seams: Sequence[Seam]) -> dict[int, list[Seam]]:
    """What each component calls, in the order given."""
    needs: dict[int, list[Seam]] = defaultdict(list)
    for seam in seams:
        needs[seam.upstream].append(seam)
    return needs


def _far_end_first(entry: int, needs: Mapping[int, Sequence[Seam]]) -> list[int]:
    """What `entry` reaches, each after all that it needs."""
    order: list[int] = []
    seen, stack = {entry}, [(entry, iter(needs.get(entry, ())))]
    while stack:
        node, rest = stack[-1]
        seam = next(rest, None)
        if seam is None:
            stack.pop()
            order.append(node)
        elif seam.downstream not in seen:
            seen.add(seam.downstream)
            stack.append((seam.downstream, iter(needs.get(seam.downstream, ()))))
    return order


def _way(node: int, came: Mapping[int, Seam]) -> list[Seam]:
    way = []
    while node in came:
        way.append(came[node])
        node = way[-1].upstream
    return way[::-1]
