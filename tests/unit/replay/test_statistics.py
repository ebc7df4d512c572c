"""Statistics of a replay against values worked out by hand and against published definitions."""

import math

import numpy as np
import pytest
from scipy import stats

from replay import statistics


def test_the_iqm_of_five_seeds_is_the_mean_of_the_middle_three() -> None:
    assert statistics.summarize([1.0, 100.0, 2.0, 3.0, -50.0]).iqm == pytest.approx(2.0)


def test_with_fewer_than_four_seeds_there_is_no_iqm_and_no_interval() -> None:
    summary = statistics.summarize([1.0, 2.0, 6.0])
    assert (summary.iqm, summary.interval) == (None, None)
    assert summary.mean == pytest.approx(3.0)


def test_one_seed_has_no_standard_deviation() -> None:
    assert statistics.summarize([4.0]).std is None


def test_the_conditional_value_at_risk_counts_the_last_of_the_worst_quarter_in_part() -> None:
    # A quarter of 5 seeds is the worst one and a quarter of the next: (1 * -50 + 0.25 * 1) / 1.25.
    assert statistics.summarize([1.0, 100.0, 2.0, 3.0, -50.0]).cvar == pytest.approx(-39.8)
    assert statistics.summarize([4.0, 1.0, 3.0, 2.0]).cvar == pytest.approx(1.0)


def test_equal_returns_have_an_interval_of_no_width() -> None:
    assert statistics.summarize([3.0] * 6).interval == (3.0, 3.0)


def test_the_interval_of_a_mean_is_as_wide_as_students() -> None:
    values = np.random.default_rng(0).normal(size=30)
    found = statistics.interval(values, statistics.mean)
    assert found is not None
    half = stats.t.ppf(0.975, 29) * values.std(ddof=1) / math.sqrt(30)
    assert found == pytest.approx((values.mean() - half, values.mean() + half), abs=0.1 * half)


def test_the_same_returns_give_the_same_interval_whatever_was_drawn_before() -> None:
    values = np.arange(8.0)
    first = statistics.interval(values)
    np.random.default_rng().normal(size=10)
    assert statistics.interval(values) == first


def test_a_paired_bootstrap_sees_a_difference_that_the_spread_of_both_hides() -> None:
    leader = [1.0, 20.0, 300.0, 4000.0, 50000.0]
    worse = [value - 0.5 for value in leader]
    assert statistics.probability_better(worse, leader) == 0.0
    assert statistics.probability_better(leader, leader) == 0.5


def test_five_paired_seeds_never_reach_significance() -> None:
    assert statistics.paired_p_value([1, 2, 3, 4, 5], [10, 20, 30, 40, 50]) == pytest.approx(0.0625)


def test_equal_returns_are_no_difference() -> None:
    assert statistics.paired_p_value([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 1.0


def test_holms_adjustment_is_that_of_his_paper() -> None:
    # 4 tests: 0.005 * 4, 0.01 * 3, 0.03 * 2, and 0.04 * 1 raised to the one before it.
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.9, 0.8]) == [1.0, 1.0]
    assert statistics.holm([]) == []


def test_the_seeds_to_separate_have_the_power_they_promise() -> None:
    rng = np.random.default_rng(0)
    sample = stats.norm.ppf((np.arange(10) + 0.5) / 10)
    sample = 0.8 + (sample - sample.mean()) / sample.std(ddof=1)  # difference 0.8 standard deviations, exactly
    n = statistics.seeds_to_separate(sample, np.zeros(10), comparisons=1)
    assert n is not None
    rejected = [statistics.paired_p_value(rng.normal(0.8, 1, n), np.zeros(n)) < 0.05 for _ in range(600)]
    assert 0.72 < np.mean(rejected) < 0.88


def test_the_seeds_to_separate_are_never_fewer_than_a_signed_rank_test_needs() -> None:
    assert statistics.seeds_to_separate([1.0, 2.0, 3.0], [11.0, 12.0, 13.0], comparisons=1) == 6
    assert statistics.seeds_to_separate([1.0, 2.0, 3.0], [11.0, 12.0, 13.0], comparisons=4) == 8


def test_no_difference_is_separated_by_no_number_of_seeds() -> None:
    assert statistics.seeds_to_separate([1.0, -1.0], [-1.0, 1.0], comparisons=1) is None


def test_the_prediction_bound_is_students_for_one_more_run() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0]
    expected = 3 + stats.t.ppf(0.975, 4) * math.sqrt(2.5) * math.sqrt(1.2)
    assert statistics.prediction_bound(values) == pytest.approx(expected)
    assert statistics.prediction_bound(values[:3]) is None


def test_five_seeds_separate_nobody_and_more_candidates_take_more() -> None:
    assert [statistics.fewest_seeds(candidates) for candidates in (1, 2, 3, 5, 10)] == [6, 6, 7, 9, 11]
    assert statistics.detectable_difference(5, 2, seed_std=1.0) is None
    assert statistics.detectable_difference(8, 5, seed_std=1.0) is None


@pytest.mark.parametrize(("seeds", "candidates"), [(6, 2), (10, 2), (10, 5), (20, 5)])
def test_the_difference_that_is_stated_is_found_in_four_of_five_cases(seeds: int, candidates: int) -> None:
    difference = statistics.detectable_difference(seeds, candidates, seed_std=2.5)
    assert difference is not None
    rng = np.random.default_rng(0)
    pairs = rng.normal(0.0, 2.5, (4000, seeds)) - rng.normal(difference, 2.5, (4000, seeds))
    level = 0.05 / math.comb(candidates, 2)
    assert (stats.ttest_1samp(pairs, 0.0, axis=1).pvalue < level).mean() == pytest.approx(0.8, abs=0.03)
    # The test that ranks is the signed-rank test, whose p-values come in steps.
    found = [stats.wilcoxon(one).pvalue < level for one in pairs[:150]]
    assert np.mean(found) == pytest.approx(0.75, abs=0.2)
