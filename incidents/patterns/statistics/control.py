"""Did anything change? Charts of counts with natural limits, and whether the counts scatter more than chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

FEWEST = 6  # points; below it limits say nothing
LIMIT = 2.66  # 3 / 1.128: three sigma from a mean moving range of two (Shewhart; Wheeler 1992)
RANGE_LIMIT = 3.268
RUN = 8


@dataclass(frozen=True)
class Signal:
    """A point (its place, from 0) that chance seldom gives, and the rule that says so."""

    place: int
    rule: str  # outside, near_limit, run


@dataclass(frozen=True)
class Chart:
    """An XmR chart: the mean, the mean moving range, natural limits of the values (0 at least) and of the ranges."""

    mean: float
    moving_range: float
    lower: float
    upper: float
    range_upper: float
    signals: tuple[Signal, ...]

    @property
    def raw_lower(self) -> float:
        """The lower limit before it was cut at zero."""
        return self.mean - LIMIT * self.moving_range


def xmr(values: Sequence[float], *, floor: float | None = 0.0) -> Chart:
    """The individuals chart of a series in its order; `floor` cuts the lower limit (counts cannot fall below zero)."""
    series = np.asarray(values, dtype=float)
    mean, moving = float(series.mean()), float(np.abs(np.diff(series)).mean())
    lower, upper = mean - LIMIT * moving, mean + LIMIT * moving
    shown = lower if floor is None else max(floor, lower)
    return Chart(mean, moving, shown, upper, RANGE_LIMIT * moving, signals(values, mean, lower, upper))


def signals(values: Sequence[float], mean: float, lower: float, upper: float) -> tuple[Signal, ...]:
    """Wheeler's rules: a point outside the limits; three of four nearer a limit than the mean; eight on one side.

    Each names the point at which the rule is met for the first time.
    """
    found: dict[int, str] = {}
    halves = ((lambda v: v > (mean + upper) / 2), (lambda v: v < (mean + lower) / 2))
    sides = ((lambda v: v > mean), (lambda v: v < mean))
    for place, value in enumerate(values):
        if value > upper or value < lower:
            found[place] = "outside"
        elif any(_met(values, place, half, window=4, least=3) for half in halves):
            found[place] = "near_limit"
        elif any(_met(values, place, side, window=RUN, least=RUN) for side in sides):
            found[place] = "run"
    return tuple(Signal(place, rule) for place, rule in sorted(found.items()))


def _met(values: Sequence[float], place: int, holds: Callable[[float], bool], *, window: int, least: int) -> bool:
    if place + 1 < window or not holds(values[place]):
        return False
    return sum(holds(value) for value in values[place + 1 - window : place + 1]) >= least


@dataclass(frozen=True)
class RateChart:
    """A c or u chart: the mean rate, limits for every point (three sigma of Poisson counts), the points outside."""

    mean: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    outside: tuple[int, ...]


def rates(counts: Sequence[int], exposure: Sequence[float] | None = None) -> RateChart:
    """The u chart of counts per unit of exposure, or, with none given, the c chart (NIST handbook 6.3.3.1).

    Only for counts that scatter as Poisson counts do: see `dispersion`.
    """
    units = np.asarray(exposure if exposure is not None else [1.0] * len(counts), dtype=float)
    per_unit = np.asarray(counts, dtype=float) / units
    mean = float(np.sum(counts) / units.sum())
    reach = 3 * np.sqrt(mean / units)
    lower, upper = np.maximum(0.0, mean - reach), mean + reach
    outside = tuple(int(place) for place in np.flatnonzero((per_unit > upper) | (per_unit < lower)))
    return RateChart(mean, tuple(map(float, lower)), tuple(map(float, upper)), outside)


@dataclass(frozen=True)
class Dispersion:
    """How much counts scatter: `ratio` of variance to mean (1 for Poisson counts) with the test of it."""

    mean: float
    variance: float
    statistic: float
    freedom: int
    p_value: float

    @property
    def ratio(self) -> float:
        """Variance to mean."""
        return self.variance / self.mean if self.mean else 1.0


def dispersion(counts: Sequence[int]) -> Dispersion:
    """The index of dispersion test (Fisher 1925): (n - 1) s² / mean, chi-squared, n - 1 degrees; needs two counts."""
    series = np.asarray(counts, dtype=float)
    mean, variance, freedom = float(series.mean()), float(series.var(ddof=1)), len(series) - 1
    statistic = freedom * variance / mean if mean else 0.0
    return Dispersion(mean, variance, statistic, freedom, float(stats.chi2.sf(statistic, freedom)))
