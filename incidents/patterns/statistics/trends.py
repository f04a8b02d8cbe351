"""Whether events come more often or less often as time goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Trend:
    """Laplace's test: below zero they become rarer, above it more frequent; p-value two-sided."""

    statistic: float
    p_value: float


def laplace(moments: Sequence[float], until: float) -> Trend:
    """Of event times in 0..`until`, observed from 0 (Cox & Lewis 1966)."""
    middle = float(np.mean(moments))
    statistic = (middle - until / 2) / (until * (1 / (12 * len(moments))) ** 0.5)
    return Trend(statistic, float(2 * stats.norm.sf(abs(statistic))))


def mil_hdbk(moments: Sequence[float], until: float) -> Trend:
    """The MIL-HDBK-189 statistic 2 Σ ln(until / t), chi-squared with 2n degrees: large where they become rarer."""
    statistic = 2 * float(np.sum(np.log(until / np.asarray(moments, dtype=float))))
    law = stats.chi2(2 * len(moments))
    return Trend(statistic, float(min(1.0, 2 * min(law.cdf(statistic), law.sf(statistic)))))


def power_law(moments: Sequence[float], until: float) -> float:
    """The shape of a power-law process (Crow 1974): below 1 they become rarer."""
    return len(moments) / float(np.sum(np.log(until / np.asarray(moments, dtype=float))))


def reverse_arrangements(moments: Sequence[float]) -> int:
    """In how many pairs of gaps the later one is longer (NIST handbook 8.2.3.4)."""
    gaps = np.diff([0.0, *sorted(moments)])
    return int(sum((gaps[place + 1 :] > gap).sum() for place, gap in enumerate(gaps)))


def mean_cumulative(events: Sequence[Sequence[float]], observed: Sequence[float]) -> list[tuple[float, float]]:
    """The mean count of events of a unit by age: (age, mean), a step at each age with events (Nelson 1988).

    `events` are the ages at which each unit had one, `observed` how long each was watched.
    """
    ages = sorted({age for unit, end in zip(events, observed, strict=True) for age in unit if age <= end})
    steps: list[tuple[float, float]] = []
    for age in ages:
        watched = [unit for unit, end in zip(events, observed, strict=True) if end >= age]
        rise = sum(one == age for unit in watched for one in unit) / len(watched)
        steps.append((age, (steps[-1][1] if steps else 0.0) + rise))
    return steps
