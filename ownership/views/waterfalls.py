"""From a service's reckoning to the bars of its waterfall, in thousandths of the picture's width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ownership.queries.latencies import Hop, ServiceLatency

ACROSS = 1000.0


@dataclass(frozen=True)
class Bar:
    """One row: the share from `x`, what of it lies beyond the budget, and how long the seam waits, try after try."""

    hop: Hop
    x: float
    width: float
    over_x: float
    over_width: float
    waits_to: float | None
    tries: Sequence[float]
    is_cut: bool


@dataclass(frozen=True)
class Waterfall:
    """All rows on one scale; `budget_x` is where the budget ends, `left_x` where nothing is claimed any more."""

    bars: Sequence[Bar]
    budget_x: float
    left_x: float
    left_width: float

    @property
    def budget_at(self) -> float:
        """Where the budget ends, in percent of the picture's width."""
        return round(self.budget_x / ACROSS * 100, 2)


def of(found: ServiceLatency) -> Waterfall:
    """The bars of a reckoning. The scale ends at the budget, or where the shares end when that is later."""
    claimed = found.reckoning.claimed if found.reckoning else 0.0
    per_percent = ACROSS / (max(100.0, claimed) * 1.04)
    budget_x = 100 * per_percent
    left_x = min(claimed * per_percent, budget_x)
    bars = [_bar(hop, found.service.latency_budget_ms, per_percent, budget_x) for hop in found.hops]
    return Waterfall(bars, round(budget_x, 1), round(left_x, 1), round(budget_x - left_x, 1))


def _bar(hop: Hop, budget_ms: int | None, per_percent: float, budget_x: float) -> Bar:
    x = hop.band.begins * per_percent
    end = x + (hop.band.share or 0) * per_percent
    seam = hop.band.seam
    waits_to, tries, is_cut = None, [], False
    if budget_ms and seam.timeout_ms is not None:
        one_try = seam.timeout_ms / budget_ms * 100 * per_percent
        ends = [x + one_try * number for number in range(1, (seam.attempts or 1) + 1)]
        is_cut = ends[-1] > ACROSS
        waits_to = min(ends[-1], ACROSS)
        tries = [round(at, 1) for at in ends if at <= ACROSS][:20]
    within = min(end, budget_x)
    return Bar(
        hop=hop,
        x=round(x, 1),
        width=round(max(0.0, within - x), 1),
        over_x=round(max(x, budget_x), 1),
        over_width=round(max(0.0, end - max(x, budget_x)), 1),
        waits_to=None if waits_to is None else round(waits_to, 1),
        tries=tries,
        is_cut=is_cut,
    )
