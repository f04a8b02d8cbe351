"""How sure a share, a rate, a quantile or a mean of logs is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """Two bounds; None where the data cannot bound that side."""

    low: float | None
    high: float | None


def share(count: int, of: int, *, level: float = LEVEL) -> Interval:
    """Wilson's score interval of `count` out of `of` (Wilson 1927); bounds in 0..1. Nothing observed bounds nothing."""
    if of == 0:
        return Interval(0.0, 1.0)
    normal = NormalDist().inv_cdf((1 + level) / 2)
    seen, spread = count / of, normal**2 / of
    middle = seen + spread / 2
    reach = normal * (seen * (1 - seen) / of + spread / (4 * of)) ** 0.5
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return Interval(max(0.0, low) if count else 0.0, min(1.0, high) if count < of else 1.0)


def rate(count: int, exposure: float, *, level: float = LEVEL) -> Interval:
    """The exact interval of a Poisson rate (Garwood 1936), events per unit of `exposure` > 0."""
    beyond = (1 - level) / 2
    low = stats.chi2.ppf(beyond, 2 * count) / 2 if count else 0.0
    return Interval(float(low) / exposure, float(stats.chi2.ppf(1 - beyond, 2 * count + 2)) / 2 / exposure)


def quantile(values: Sequence[float], at: float) -> float:
    """The quantile `at` (0..1) by linear interpolation (Hyndman & Fan 1996, type 7); needs a value."""
    return float(np.quantile(np.asarray(values, dtype=float), at, method="linear"))


def ranks(count: int, at: float, *, level: float = LEVEL) -> tuple[int, int]:
    """The ranks (1 is the smallest) whose values bound the quantile `at` whatever the distribution is.

    They may lie outside 1..count: then so few values cannot bound that side. From the binomial law of how many values
    lie below the quantile (Conover 1999, 3.2).
    """
    beyond = (1 - level) / 2
    return int(stats.binom.ppf(beyond, count, at)), int(stats.binom.ppf(1 - beyond, count, at)) + 1


def of_quantile(values: Sequence[float], at: float, *, level: float = LEVEL) -> Interval:
    """The distribution-free interval of a quantile; a side that the values cannot bound is None."""
    ordered = sorted(values)
    low, high = ranks(len(ordered), at, level=level)
    return Interval(ordered[low - 1] if low >= 1 else None, ordered[high - 1] if high <= len(ordered) else None)


@dataclass(frozen=True)
class GeometricMean:
    """The mean of the logs, as a value, with the spread of the logs (n - 1 below) and its t-interval."""

    value: float
    log_deviation: float
    interval: Interval


def geometric_mean(values: Sequence[float], *, level: float = LEVEL) -> GeometricMean:
    """Of at least two values above zero; others are the caller's to leave out, and to say so."""
    logs = np.log(np.asarray(values, dtype=float))
    middle, spread = float(logs.mean()), float(logs.std(ddof=1))
    reach = float(stats.t.ppf((1 + level) / 2, len(logs) - 1)) * spread / len(logs) ** 0.5
    bounds = Interval(float(np.exp(middle - reach)), float(np.exp(middle + reach)))
    return GeometricMean(float(np.exp(middle)), spread, bounds)
