"""Every statistic against published or textbook values; where they come from stands beside them."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from incidents.patterns.statistics import agreement, control, intervals, pairs, power, rates, survival, trends

close = pytest.approx

# Freireich et al. 1963: remission in weeks, 6-MP and placebo (Kalbfleisch & Prentice).
MP = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
MP_ENDED = [True] * 9 + [False] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
# NIST: wafers with particles; horse kicks (Bortkiewicz 1898); accidents (Greenwood & Yule 1920).
WAFERS = [16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13]
HORSE_KICKS = np.repeat(range(5), [109, 65, 22, 3, 1]).tolist()
ACCIDENTS = np.repeat(range(6), [447, 132, 42, 21, 3, 2]).tolist()
# Incidents a month of one vendor, 2022-06 to 2024-08.
MONTHS = [4, 3, 8, 9, 1, 4, 8, 15, 17, 22, 9, 15, 12, 18, 14, 19, 6, 16, 10, 11, 14, 34, 17, 24, 14, 10, 15]
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]  # Stuart 1953
BH_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip
REPAIRS = [5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478]  # NIST handbook 8.4.1


def test_wilson() -> None:
    found = intervals.share(33, 537)
    assert (found.low, found.high) == (close(0.0441, abs=5e-5), close(0.0850, abs=5e-5))
    assert intervals.share(0, 0) == intervals.Interval(0.0, 1.0)
    assert intervals.share(0, 10).low == 0
    assert intervals.share(10, 10).high == 1


def test_the_exact_interval_of_a_rate() -> None:
    found = intervals.rate(10, 1)
    assert (found.low, found.high) == (close(4.7954, abs=5e-5), close(18.3904, abs=5e-5))
    assert intervals.rate(0, 2, level=0.9).high == close(3.0 / 2, abs=0.003)  # the rule of three
    assert intervals.rate(0, 1).low == 0


def test_quantiles_are_of_type_seven() -> None:
    assert intervals.quantile(range(1, 11), 0.95) == close(9.55)


@pytest.mark.parametrize(
    ("count", "at", "expected"), [(100, 0.5, (40, 61)), (100, 0.95, (90, 100)), (30, 0.9, (23, 31))]
)
def test_ranks_that_bound_a_quantile(count: int, at: float, expected: tuple[int, int]) -> None:
    assert intervals.ranks(count, at) == expected


def test_few_values_do_not_bound_a_tail() -> None:
    found = intervals.of_quantile(list(range(1, 31)), 0.9)
    assert (found.low, found.high) == (23, None)
    assert intervals.of_quantile([1.0, 2.0], 0.5) == intervals.Interval(None, None)


def test_kaplan_meier_of_freireich() -> None:
    curve = survival.curve(MP, MP_ENDED)
    published = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert {step.time: round(step.survival, 4) for step in curve.steps} == published
    assert curve.median == 23
    tenth = curve.step_at(10)
    assert tenth is not None
    assert (tenth.low, tenth.high) == (close(0.5032, abs=5e-5), close(0.8894, abs=5e-5))
    assert (tenth.at_risk, tenth.ended) == (15, 1)
    assert curve.restricted_mean(35) == close(23.2874, abs=5e-5)


def test_log_rank_of_freireich() -> None:
    found = survival.compare((MP, MP_ENDED), (PLACEBO, [True] * 21))
    assert (found.chi_squared, found.p_value) == (close(16.7929, abs=5e-4), close(4.17e-5, rel=2e-3))


def test_individuals_chart_of_nist() -> None:
    chart = control.xmr([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    told = (chart.mean, chart.moving_range, chart.upper, chart.lower)
    assert told == (close(50.81), close(1.8778, abs=5e-5), close(55.8041, abs=2e-3), close(45.8159, abs=2e-3))


def test_individuals_chart_of_a_vendors_months() -> None:
    chart = control.xmr(MONTHS)
    assert (chart.mean, chart.moving_range) == (close(12.926, abs=5e-4), close(6.5))
    assert (chart.upper, chart.lower, chart.raw_lower) == (close(30.216, abs=5e-4), 0, close(-4.36, abs=5e-3))
    assert [signal.place for signal in chart.signals if signal.rule == "outside"] == [21]  # 2024-03


def test_counts_of_wafers() -> None:
    chart = control.rates(WAFERS)
    assert (chart.mean, chart.upper[0], chart.lower[0]) == (close(16), close(28), close(4))


def test_days_as_exposure() -> None:
    days = [30, 31, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29, 31, 30, 31, 30, 31, 31]
    chart = control.rates(MONTHS, days)
    assert chart.mean == close(0.42406, abs=5e-5)
    assert chart.outside == (4, 21)  # 2022-10 low, 2024-03 high


def test_dispersion() -> None:
    kicks = control.dispersion(HORSE_KICKS)
    assert (kicks.mean, kicks.variance) == (close(0.61), close(0.610955, abs=5e-6))
    assert (kicks.statistic, kicks.freedom, kicks.p_value) == (close(199.31, abs=0.01), 199, close(0.48, abs=5e-3))
    months = control.dispersion(MONTHS)
    assert (months.statistic, months.freedom) == (close(102.1, abs=0.05), 26)
    assert (months.p_value, months.ratio) == (close(5.7e-11, rel=0.02), close(3.93, abs=5e-3))


def test_negative_binomial_of_greenwood_and_yule() -> None:
    fit = rates.negative_binomial(ACCIDENTS)
    assert (fit.rate, fit.alpha) == (close(0.46522, abs=5e-5), close(1.1561, abs=5e-4))
    assert (fit.log_likelihood, fit.poisson) == (close(-592.267, abs=5e-4), close(-617.184, abs=5e-4))
    expected = [round(fit.expected(size) * 647, 1) for size in range(6)]
    assert expected == [445.9, 134.9, 44.0, 14.7, 5.0, 1.7]
    assert rates.negative_binomial(HORSE_KICKS).alpha == close(0, abs=0.02)


def test_two_rates() -> None:
    found = rates.compare((60, 51477.5), (30, 54308.7))
    assert (found.ratio, found.score) == (close(2.1100, abs=5e-5), close(3.4174, abs=5e-5))
    assert (found.p_score, found.p_exact) == (close(0.000632, abs=5e-7), close(0.000675, abs=5e-7))
    assert (found.interval.low, found.interval.high) == (close(1.366, abs=5e-4), close(3.259, abs=5e-4))
    none = rates.compare((0, 100), (3, 100))
    assert (none.score, none.ratio) == (close(-1.73205, abs=5e-6), 0)
    assert rates.compare((0, 1), (0, 1)).p_exact == 1


def test_false_discovery_rate_of_benjamini_and_hochberg() -> None:
    adjusted = rates.adjusted(BH_1995)
    assert [round(value, 4) for value in adjusted[:5]] == [0.0015, 0.0030, 0.0095, 0.0356, 0.0603]
    assert sum(value <= 0.05 for value in adjusted) == 4
    assert sum(value <= 0.05 for value in rates.adjusted(BH_1995, method="by")) == 3
    assert rates.adjusted([]) == []


def test_power_of_a_fall_in_counts() -> None:
    powers = [round(power.of_rate_drop(count, 0.7) * 100) for count in (20, 50, 100, 150, 200)]
    assert powers == [17, 37, 63, 80, 90]
    fall = power.smallest_drop(150)
    assert fall is not None
    assert fall == close(0.30, abs=5e-3)
    assert power.smallest_drop(3) is None


def test_power_of_shorter_durations() -> None:
    powers = [round(power.of_shorter(each, 0.9, 1.25) * 100) for each in (100, 1000, 2000, 4000)]
    assert powers == [9, 47, 76, 96]
    assert round(power.of_shorter(100, 0.75, 1.25) * 100) == 37
    assert round(power.of_shorter(100, 0.5, 1.25) * 100) == 97
    assert power.needed(0.9, 1.25, power=0.95) == close(3659, abs=2)
    shorter = power.smallest_shorter(100, 1.25)
    assert shorter is not None
    assert power.of_shorter(100, 1 - shorter, 1.25) == close(0.8, abs=1e-6)


def test_lognormal_quantiles() -> None:
    values = np.exp(np.random.default_rng(1).normal(4.25, 1.25, 200_000))
    quantiles = [intervals.quantile(values, at) for at in (0.05, 0.5, 0.95)]
    assert quantiles == [close(8.97, rel=0.02), close(70.1, rel=0.02), close(547.9, rel=0.02)]
    assert intervals.geometric_mean(values[:20_000]).value == close(exp(4.25), rel=0.03)


@pytest.mark.parametrize(
    ("pair", "lift", "p_value"),
    [
        (pairs.Pair(565, 62, 63, 31), 4.484, None),
        (pairs.Pair(354, 112, 82, 51), 1.9658, 5e-11),
    ],
)
def test_lift(pair: pairs.Pair, lift: float, p_value: float | None) -> None:
    assert pair.lift == close(lift, abs=5e-4)
    if p_value:
        assert pair.p_value == close(p_value, rel=0.2)


def test_misconfiguration_and_rollback() -> None:
    pair = pairs.Pair(354, 112, 82, 51)
    assert (pair.odds_ratio, pair.phi) == (close(5.69, abs=5e-3), close(0.361, abs=5e-4))


def test_a_table_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no such table"):
        pairs.Pair(10, 3, 2, 3)


def test_agreement_on_vision() -> None:
    found = agreement.bowker(VISION)
    assert (found.statistic, found.freedom, found.p_value) == (close(19.1066, abs=5e-5), 6, close(0.003987, abs=5e-7))
    found = agreement.stuart_maxwell(VISION)
    assert (found.statistic, found.freedom, found.p_value) == (close(11.9566, abs=5e-5), 3, close(0.007533, abs=5e-7))
    kappa = agreement.kappa(VISION)
    assert kappa is not None
    assert kappa[0] == close(0.59539, abs=5e-6)


def test_kappa_and_its_error() -> None:
    kappa = agreement.kappa([[20, 5], [10, 15]])
    assert kappa == (close(0.4), close(0.126996, abs=5e-7))
    assert agreement.kappa([[5, 0], [0, 0]]) is None


def test_trends_of_repairs() -> None:
    assert trends.reverse_arrangements(REPAIRS) == 33
    assert trends.mil_hdbk(REPAIRS, 1500).statistic == close(37.228, abs=5e-3)
    found = trends.laplace(REPAIRS, 1500)
    assert (found.statistic, found.p_value) == (close(-1.327, abs=5e-4), close(0.18, abs=5e-3))
    assert trends.power_law(REPAIRS, 1500) == close(0.5372, abs=5e-5)


def test_mean_cumulative_function_counts_who_is_watched() -> None:
    steps = trends.mean_cumulative([[1, 3], [2], [3, 9]], [5, 2.5, 4])
    assert steps == [(1, close(1 / 3)), (2, close(2 / 3)), (3, close(2 / 3 + 1))]
