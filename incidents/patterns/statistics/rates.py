"""Comparing how often things happen, given how long they could have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from incidents.patterns.statistics.intervals import Interval, share


@dataclass(frozen=True)
class Comparison:
    """Two Poisson rates: the ratio of the first to the second with its interval, and two p-values (two-sided)."""

    ratio: float | None
    interval: Interval
    score: float
    p_score: float
    p_exact: float


def compare(one: tuple[int, float], other: tuple[int, float], *, level: float = 0.95) -> Comparison:
    """Counts with their exposures. The score test (Gu et al. 2008) and the exact conditional one (Przyborowski 1940).

    The interval is Wilson's of the first count among both, turned into a ratio. Two zeros compare to nothing.
    """
    (first, first_time), (second, second_time) = one, other
    both = first + second
    if both == 0:
        return Comparison(None, Interval(None, None), 0.0, 1.0, 1.0)
    pooled = both / (first_time + second_time)
    score = (first / first_time - second / second_time) / (pooled * (1 / first_time + 1 / second_time)) ** 0.5
    exact = stats.binomtest(first, both, first_time / (first_time + second_time)).pvalue
    within = share(first, both, level=level)
    scale = second_time / first_time
    ratio = first / second * scale if second else None
    bounds = Interval(_odds(within.low, scale), _odds(within.high, scale))
    return Comparison(ratio, bounds, score, float(2 * stats.norm.sf(abs(score))), float(exact))


def _odds(part: float | None, scale: float) -> float | None:
    return None if part is None or part >= 1 else part / (1 - part) * scale


def excess(count: int, expected: float) -> float:
    """P-value, one-sided: how often a Poisson count of mean `expected` is at least `count`."""
    return float(stats.poisson.sf(count - 1, expected)) if count else 1.0


def adjusted(p_values: Sequence[float], *, method: str = "bh") -> list[float]:
    """P-values held to one false discovery rate over all of them (Benjamini & Hochberg 1995; `by`: 2001), in order."""
    return [float(value) for value in stats.false_discovery_control(p_values, method=method)] if p_values else []


@dataclass(frozen=True)
class NegativeBinomial:
    """Counts with variance mean + alpha mean²: `rate` per unit of exposure; log-likelihoods of it and of Poisson."""

    rate: float
    alpha: float
    log_likelihood: float
    poisson: float

    @property
    def p_overdispersed(self) -> float:
        """P-value of alpha > 0: half a chi-squared, since alpha lies on its edge (Self & Liang 1987)."""
        return float(stats.chi2.sf(max(0.0, 2 * (self.log_likelihood - self.poisson)), 1)) / 2

    def expected(self, size: int, exposure: float = 1.0) -> float:
        """The share of counts that are `size`, over `exposure`."""
        mean = self.rate * exposure
        if self.alpha == 0:
            return float(stats.poisson.pmf(size, mean))
        return float(stats.nbinom.pmf(size, 1 / self.alpha, 1 / (1 + self.alpha * mean)))

    def excess(self, count: int, exposure: float = 1.0) -> float:
        """P-value, one-sided, of a count at least this large over `exposure`."""
        mean = self.rate * exposure
        if self.alpha == 0:
            return excess(count, mean)
        return float(stats.nbinom.sf(count - 1, 1 / self.alpha, 1 / (1 + self.alpha * mean))) if count else 1.0


def negative_binomial(counts: Sequence[int], exposure: Sequence[float] | None = None) -> NegativeBinomial:
    """The fit by maximum likelihood (Cameron & Trivedi 2013, 3.3); alpha 0 where Poisson fits best. Needs an event."""
    seen = np.asarray(counts, dtype=float)
    units = np.asarray(exposure if exposure is not None else np.ones(len(seen)), dtype=float)
    plain = float(seen.sum() / units.sum())
    poisson = float(stats.poisson.logpmf(seen, plain * units).sum())

    def loss(point: np.ndarray) -> float:
        return -_log_likelihood(seen, np.exp(point[0]) * units, float(np.exp(point[1])))

    fits = [
        optimize.minimize(loss, [np.log(plain), start], method="Nelder-Mead", options=_FINE) for start in (-3.0, 0.0)
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    if -float(best.fun) <= poisson + 1e-9:
        return NegativeBinomial(plain, 0.0, poisson, poisson)
    return NegativeBinomial(float(np.exp(best.x[0])), float(np.exp(best.x[1])), -float(best.fun), poisson)


_FINE = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000}


def _log_likelihood(seen: np.ndarray, mean: np.ndarray, alpha: float) -> float:
    size = 1 / alpha
    terms = special.gammaln(seen + size) - special.gammaln(size) - special.gammaln(seen + 1)
    terms = terms + size * np.log(size / (size + mean)) + special.xlogy(seen, mean / (size + mean))
    return float(terms.sum())
