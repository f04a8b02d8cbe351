"""First blame against what was found, suggestion against finding: how far two answers about the same cases agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

Table = Sequence[Sequence[int]]  # square: rows are the first answer, columns the second, in the same order


@dataclass(frozen=True)
class Symmetry:
    """Whether the two answers have the same shares (or swap evenly): chi-squared."""

    statistic: float
    freedom: int
    p_value: float


def agreed(table: Table) -> int:
    """How many cases got the same answer twice."""
    return sum(row[place] for place, row in enumerate(table))


def kappa(table: Table) -> tuple[float, float] | None:
    """Cohen's kappa with its standard error (Fleiss, Cohen & Everitt 1969); None where one answer was all there is."""
    counts = np.asarray(table, dtype=float)
    total = counts.sum()
    if total == 0:
        return None
    shares = counts / total
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, chance = float(np.trace(shares)), float(rows @ columns)
    if chance >= 1:
        return None
    value = (observed - chance) / (1 - chance)
    weights = rows[None, :] + columns[:, None]  # of cell i, j: row share of j and column share of i
    on = (np.diag(shares) * (1 - (rows + columns) * (1 - value)) ** 2).sum()
    off = ((shares * weights**2).sum() - (np.diag(shares) * np.diag(weights) ** 2).sum()) * (1 - value) ** 2
    variance = (on + off - (value - chance * (1 - value)) ** 2) / (total * (1 - chance) ** 2)
    return float(value), float(max(0.0, variance)) ** 0.5


def bowker(table: Table) -> Symmetry:
    """Bowker's test (1948): do answers swap evenly, each pair of them? Pairs that never swap do not count."""
    counts = np.asarray(table, dtype=float)
    pairs = [(counts[i, j], counts[j, i]) for i in range(len(counts)) for j in range(i) if counts[i, j] + counts[j, i]]
    statistic = float(sum((one - other) ** 2 / (one + other) for one, other in pairs))
    return Symmetry(statistic, len(pairs), float(stats.chi2.sf(statistic, len(pairs))) if pairs else 1.0)


def stuart_maxwell(table: Table) -> Symmetry:
    """The Stuart-Maxwell test (1955, 1970): do both answers have the same shares?"""
    counts = np.asarray(table, dtype=float)
    used = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts) > 0
    counts = counts[used][:, used]
    if len(counts) < 2:
        return Symmetry(0.0, 0, 1.0)
    differences = (counts.sum(axis=1) - counts.sum(axis=0))[:-1]
    spread = -(counts + counts.T)
    np.fill_diagonal(spread, counts.sum(axis=1) + counts.sum(axis=0) - 2 * np.diag(counts))
    statistic = float(differences @ np.linalg.pinv(spread[:-1, :-1]) @ differences)
    return Symmetry(statistic, len(differences), float(stats.chi2.sf(statistic, len(differences))))
