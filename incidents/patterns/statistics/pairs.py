"""What fails together: pairs counted over what both could have shown, against what chance alone would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats


@dataclass(frozen=True)
class Pair:
    """Of `observed` cases in which both could show: `one`, `other` and `both` did."""

    observed: int
    one: int
    other: int
    both: int

    def __post_init__(self) -> None:
        if not max(0, self.one + self.other - self.observed) <= self.both <= min(self.one, self.other) <= self.observed:
            raise ValueError(f"no such table: {self}")

    @property
    def table(self) -> list[list[int]]:
        """[[both, only one], [only the other, neither]]"""
        neither = self.observed - self.one - self.other + self.both
        return [[self.both, self.one - self.both], [self.other - self.both, neither]]

    @property
    def lift(self) -> float | None:
        """How many times more often together than if they knew nothing of each other; None where one never showed."""
        return self.both * self.observed / (self.one * self.other) if self.one and self.other else None

    @property
    def p_value(self) -> float:
        """Fisher's exact test, two-sided."""
        return float(stats.fisher_exact(self.table).pvalue)

    @property
    def odds_ratio(self) -> float:
        """The sample's odds ratio; infinite where a cell off the diagonal is empty."""
        (a, b), (c, d) = self.table
        return a * d / (b * c) if b and c else float("inf")

    @property
    def phi(self) -> float:
        """Correlation of the two, -1..1."""
        (a, b), (c, d) = self.table
        margins = (a + b) * (c + d) * (a + c) * (b + d)
        return (a * d - b * c) / margins**0.5 if margins else 0.0


def excess(found: Sequence[Pair]) -> list[float]:
    """P-values, one-sided: how often chance alone brings each pair together at least so often (Fisher's exact test).

    Each needs a case that was observed.
    """
    if not found:
        return []
    both, observed, one, other = np.array([[pair.both, pair.observed, pair.one, pair.other] for pair in found]).T
    return [float(value) for value in stats.hypergeom.sf(both - 1, observed, one, other)]


def p_values(found: Sequence[Pair]) -> list[float]:
    """`Pair.p_value` of many at once: the sum of the chances of all tables as unlikely as the one seen, or more so."""
    return [_two_sided(pair) for pair in found]


def _two_sided(pair: Pair) -> float:
    fewest, most = max(0, pair.one + pair.other - pair.observed), min(pair.one, pair.other)
    together = np.arange(fewest, most + 1)
    others, rest = pair.observed - pair.one, pair.other - together
    chances = _log_choose(pair.one, together) + _log_choose(others, rest) - _log_choose(pair.observed, pair.other)
    seen = chances[pair.both - fewest]
    return float(min(1.0, np.exp(chances[chances <= seen + _AS_UNLIKELY]).sum()))


_AS_UNLIKELY = 1e-9  # of the logs: tables that are equally likely differ by rounding


def _log_choose(of: int, count: np.ndarray | int) -> np.ndarray:
    """The log of the number of ways to choose."""
    chosen = np.asarray(count, dtype=float)
    ways = special.gammaln(of + 1) - special.gammaln(chosen + 1) - special.gammaln(of - chosen + 1)
    return np.asarray(ways, dtype=float)


@dataclass(frozen=True)
class Homogeneity:
    """Whether two or more rows of counts have the same shares: Pearson's chi-squared with Cramér's V."""

    statistic: float
    freedom: int
    p_value: float
    v: float


def homogeneity(table: Sequence[Sequence[int]]) -> Homogeneity:
    """Of a table of counts; rows and columns without any are left out."""
    counts = np.asarray(table, dtype=float)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    found = stats.chi2_contingency(counts, correction=False)
    smaller = min(counts.shape) - 1
    v = (float(found.statistic) / (counts.sum() * smaller)) ** 0.5 if smaller else 0.0
    return Homogeneity(float(found.statistic), int(found.dof), float(found.pvalue), float(v))
