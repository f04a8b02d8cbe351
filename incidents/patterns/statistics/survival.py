"""How long things last when some have not ended yet: what is open counts as "longer than so far", never as missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Step:
    """The curve from `time` on: `survival` is the share that lasts longer; `ended` of the `at_risk` ended then.

    The bounds are the log-log interval of Greenwood's variance; NaN is never given: without a bound they are 0 and 1.
    """

    time: float
    survival: float
    low: float
    high: float
    at_risk: int
    ended: int


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve (Kaplan & Meier 1958): its steps where something ended, of `count` of which `ended` did."""

    steps: tuple[Step, ...]
    count: int
    ended: int
    longest: float

    def at(self, time: float) -> float:
        """The share that lasts longer than `time`."""
        held = [step.survival for step in self.steps if step.time <= time]
        return held[-1] if held else 1.0

    def step_at(self, time: float) -> Step | None:
        """The step that holds at `time`; None before the first one."""
        held = [step for step in self.steps if step.time <= time]
        return held[-1] if held else None

    def quantile(self, share: float) -> float | None:
        """When `share` (0..1) of them have ended; None while fewer have, so that nobody can tell."""
        return next((step.time for step in self.steps if step.survival <= 1 - share + 1e-12), None)

    @property
    def median(self) -> float | None:
        """When half of them have ended; None while fewer have."""
        return self.quantile(0.5)

    def restricted_mean(self, until: float) -> float:
        """The mean time spent below `until`: the area under the curve up to there (Royston & Parmar 2013)."""
        times = [0.0, *(step.time for step in self.steps if step.time < until), until]
        heights = [1.0, *(step.survival for step in self.steps if step.time < until)]
        return float(sum(height * (times[place + 1] - times[place]) for place, height in enumerate(heights)))


def curve(durations: Sequence[float], ended: Sequence[bool], *, level: float = 0.95) -> Curve:
    """The curve of `durations` (one unit, 0 or more); where `ended` is false, a time so far (right-censored)."""
    if not durations:
        return Curve((), 0, 0, 0.0)
    times, done = np.asarray(durations, dtype=float), np.asarray(ended, dtype=bool)
    law = stats.ecdf(stats.CensoredData.right_censored(times, ~done)).sf
    at_risk = len(times) - np.searchsorted(np.sort(times), law.quantiles, side="left")
    finished = np.sort(times[done])
    events = np.searchsorted(finished, law.quantiles, side="right") - np.searchsorted(
        finished, law.quantiles, side="left"
    )
    low, high = _bounds(law.probabilities, at_risk.tolist(), events.tolist(), level)
    steps = tuple(
        Step(float(time), float(share), below, above, int(risk), int(count))
        for time, share, below, above, risk, count in zip(
            law.quantiles, law.probabilities, low, high, at_risk, events, strict=True
        )
        if count
    )
    return Curve(steps, len(times), int(done.sum()), float(times.max()))


def _bounds(
    survival: Sequence[float], at_risk: Sequence[int], events: Sequence[int], level: float
) -> tuple[list[float], list[float]]:
    """The log-log interval (Kalbfleisch & Prentice 2002, 1.4); where everything ended it is 0 to what held before."""
    normal = float(stats.norm.ppf((1 + level) / 2))
    lows, highs, summed = [], [], 0.0
    for share, risk, count in zip(survival, at_risk, events, strict=True):
        if risk > count:
            summed += count / (risk * (risk - count))
        if 0 < share < 1:
            middle = np.log(-np.log(share))
            reach = normal * summed**0.5 / abs(np.log(share))
            lows.append(float(np.exp(-np.exp(middle + reach))))
            highs.append(float(np.exp(-np.exp(middle - reach))))
        else:
            lows.append(float(share))
            highs.append(float(share) if share == 1 or not highs else highs[-1])
    return lows, highs


@dataclass(frozen=True)
class Difference:
    """Whether two curves differ by more than chance: the log-rank statistic (chi-squared, 1 degree of freedom)."""

    chi_squared: float
    p_value: float


def compare(one: tuple[Sequence[float], Sequence[bool]], other: tuple[Sequence[float], Sequence[bool]]) -> Difference:
    """The log-rank test (Mantel 1966) of two groups of durations, each with which of them ended.

    While nothing has ended that both could have shown, nothing tells them apart: p is 1.
    """
    samples = [
        stats.CensoredData.right_censored(np.asarray(t, dtype=float), ~np.asarray(e, bool)) for t, e in (one, other)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = stats.logrank(*samples)
    if not np.isfinite(found.statistic):
        return Difference(0.0, 1.0)
    return Difference(float(found.statistic) ** 2, float(found.pvalue))


def gaps(moments: Sequence[float], now: float) -> tuple[list[float], list[bool]]:
    """The times between `moments`, and from the last one until `now`, which has not ended: as `curve` takes them."""
    ordered = sorted(moments)
    between = [later - earlier for earlier, later in pairwise(ordered)]
    open_gap = [max(0.0, now - ordered[-1])] if ordered else []
    return [*between, *open_gap], [True] * len(between) + [False] * len(open_gap)
