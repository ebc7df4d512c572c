"""Which episodes an evaluation counts, and on which levels of the terrain."""

from collections import Counter

import numpy as np
import pytest
import scipy

from objectives.environments.terrain import even_levels
from objectives.evaluation import even_quotas, interquartile_mean


@pytest.mark.parametrize(
    ("n_episodes", "n_envs", "quotas"),
    [(4, 4, [1] * 4), (2, 4, [0, 1, 0, 1]), (6, 4, [1, 2, 1, 2]), (9, 4, [2, 2, 2, 3]), (1, 3, [0, 0, 1])],
)
def test_episodes_are_spread_evenly_over_the_environments(n_episodes: int, n_envs: int, quotas: list[int]) -> None:
    assert even_quotas(n_episodes, n_envs).tolist() == quotas


@pytest.mark.parametrize("n_envs", [1, 7, 64, 1024, 4096])
@pytest.mark.parametrize("n_episodes", [1, 5, 512, 4097])
def test_no_environment_counts_two_episodes_more_than_another(n_episodes: int, n_envs: int) -> None:
    quotas = even_quotas(n_episodes, n_envs)
    assert quotas.sum() == n_episodes
    assert quotas.max() - quotas.min() <= 1
    halves = quotas[: n_envs // 2].sum(), quotas[n_envs - n_envs // 2 :].sum()
    assert abs(halves[0] - halves[1]) <= 1


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 512])
def test_the_interquartile_mean_is_that_of_scipy(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n).tolist()
    assert interquartile_mean(values) == pytest.approx(scipy.stats.trim_mean(values, 0.25))


def test_each_kind_of_ground_has_all_levels_equally_often() -> None:
    types = ("stairs",) * 20 + ("slope",) * 5
    levels = even_levels(types, 10)
    assert Counter(levels[:20]) == dict.fromkeys(range(10), 2)
    assert levels[20:] == [1, 3, 5, 7, 9]
    assert even_levels(("boxes",), 10) == [5]
