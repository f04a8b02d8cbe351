"""The smallest change that could have been seen: what so few incidents can tell at all."""

from __future__ import annotations

from math import ceil, exp, log

from scipy import optimize, stats

LEVEL = 0.05
WANTED = 0.8  # the power that "could have been seen" asks for
SAME = 1e-6  # deviations of logs below this are those of equal durations
CERTAIN = 100.0  # standard errors apart: the noncentral law gives no number there, and nothing but 1


def of_rate_drop(before: float, ratio: float, *, level: float = LEVEL) -> float:
    """How often a fall of a Poisson count from a mean of `before` to `ratio` of it is seen, in periods of equal length.

    Normal approximation of the log of the ratio of two counts, two-sided.
    """
    reach = float(stats.norm.ppf(1 - level / 2))
    return float(stats.norm.cdf(abs(log(ratio)) / (1 / (ratio * before) + 1 / before) ** 0.5 - reach))


def smallest_drop(before: float, *, power: float = WANTED, level: float = LEVEL) -> float | None:
    """The smallest fall (0..1) of a count of `before` that is seen with this power; None where not even to one is."""
    if before <= 1 or of_rate_drop(before, 1 / before, level=level) < power:
        return None
    found = optimize.brentq(lambda ratio: of_rate_drop(before, ratio, level=level) - power, 1 / before, 1 - 1e-9)
    return 1 - float(found)


def of_shorter(each: int, ratio: float, log_deviation: float, *, level: float = LEVEL) -> float:
    """How often durations that become `ratio` times as long are seen to, with `each` incidents before and after.

    A t-test on the logs, two-sided, of durations whose logs are normal with `log_deviation` (Benninghoff 2025).
    """
    if each < 2:
        return 0.0
    freedom, shift = 2 * each - 2, abs(log(ratio)) / (log_deviation * (2 / each) ** 0.5)
    if shift > CERTAIN:
        return 1.0
    edge = float(stats.f.ppf(1 - level, 1, freedom))  # the square of t, whose noncentral law is the sounder one
    return float(stats.ncf.sf(edge, 1, freedom, shift**2))


def smallest_shorter(each: int, log_deviation: float, *, power: float = WANTED, level: float = LEVEL) -> float | None:
    """The smallest shortening (0..1) of durations that is seen with this power; None where not even one to 1 % is."""
    if each < 2 or log_deviation < SAME or of_shorter(each, 0.01, log_deviation, level=level) < power:
        return None
    gap = optimize.brentq(lambda x: of_shorter(each, exp(-x), log_deviation, level=level) - power, 1e-9, -log(0.01))
    return 1 - exp(-float(gap))


def needed(ratio: float, log_deviation: float, *, power: float, level: float = LEVEL) -> int:
    """How many incidents before, and as many after, show durations becoming `ratio` times as long."""
    normal = float(stats.norm.ppf(1 - level / 2) + stats.norm.ppf(power))
    guess = max(2, ceil(2 * (normal * log_deviation / log(ratio)) ** 2))
    while of_shorter(guess, ratio, log_deviation, level=level) < power:
        guess += 1
    while guess > 2 and of_shorter(guess - 1, ratio, log_deviation, level=level) >= power:
        guess -= 1
    return guess
