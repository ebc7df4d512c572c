"""The promises of a replay on synthetic studies with known true values; benchmarks/replay_statistics.py has more."""

import numpy as np
import pytest

from benchmarks.replay_simulation import Searches, coverage, false_separations, lucky_false_alarms, normal, ranked
from replay import racing
from replay.statistics import Statistic, iqm, mean


@pytest.mark.parametrize("statistic", [iqm, mean])
def test_intervals_cover_the_truth(statistic: Statistic) -> None:
    # 93 .. 97 % at 10 seeds, and the standard error of 400 studies.
    assert 0.91 <= coverage(normal, 10, statistic, 400) <= 0.985


def test_the_lucky_flag_rarely_accuses_an_average_candidate() -> None:
    assert lucky_false_alarms(normal, 5, 10_000) < 0.05


def test_equal_candidates_are_rarely_separated() -> None:
    assert false_separations(normal, 5, 10, 150) < 0.1


def test_a_replay_halves_the_regret_of_a_search() -> None:
    searches = Searches(normal, 3000)
    assert searches.single_seed() == pytest.approx(0.73, abs=0.05)
    assert searches.optimism() == pytest.approx(1.78, abs=0.05)
    assert searches.grid(5, 5) <= 0.5 * searches.single_seed()


def test_a_race_picks_as_well_as_the_grid_with_six_tenths_of_its_runs() -> None:
    searches = Searches(normal, 6000)
    raced, share = searches.race(16, 10)
    assert share <= 0.6
    assert raced <= searches.grid(16, 10)


def test_the_simulated_races_drop_whom_the_product_drops() -> None:
    rng = np.random.default_rng(3)
    for n_candidates, n_seeds, left in ((10, 2, 5), (6, 5, 3), (3, 8, 2)):
        returns = rng.normal(size=(n_candidates, n_seeds))
        simulated = np.argsort(-iqm(returns))[:left]
        product = racing.survivors(ranked(returns), racing.Rung(left, n_seeds))
        assert [candidate.name for candidate in product] == [f"trial {number}" for number in simulated]
