"""More seeds until the leader is separated: planned looks, and an error that holds over all of them."""

import itertools

import numpy as np
import pytest

from replay import statistics
from replay.racing import Rung, n_runs
from replay.sequential import looks


def test_the_first_look_can_separate_somebody_and_the_last_ends_the_budget() -> None:
    assert looks(2, 60) == [Rung(2, n) for n in (8, 14, 19, 24, 30)]
    # 10 pairs and 2 looks: 2 * 10 * 2 / 2**n is below 0.05 from 10 seeds on; 3 looks would need 11.
    assert looks(5, 60) == [Rung(5, 10), Rung(5, 12)]
    assert looks(2, 12) == [Rung(2, 6)]
    for n_candidates, max_runs in itertools.product(range(2, 7), range(66, 200, 7)):
        planned = looks(n_candidates, max_runs)
        assert n_runs(planned) <= max_runs
        assert len({rung.n_seeds for rung in planned}) == len(planned)


def test_a_budget_that_can_separate_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="5 candidates need 45 runs before a difference can be significant"):
        looks(5, 44)


def some_look_separates(rng: np.random.Generator, means: list[float], max_runs: int) -> bool:
    planned = looks(len(means), max_runs)
    values = rng.standard_t(4, (planned[-1].n_seeds, len(means))) + means
    for rung in planned:
        seen = values[: rung.n_seeds].T
        pairs = itertools.combinations(range(len(means)), 2)
        p_values = statistics.holm(
            [statistics.paired_p_value(seen[one].tolist(), seen[other].tolist()) for one, other in pairs]
        )
        if min(p_values) * len(planned) < 0.05:
            return True
    return False


@pytest.mark.parametrize(("candidates", "max_runs"), [(2, 60), (3, 60)])
def test_equal_candidates_are_separated_in_5_percent_of_the_cases_at_most(candidates: int, max_runs: int) -> None:
    rng = np.random.default_rng(1)
    wrong = np.mean([some_look_separates(rng, [0.0] * candidates, max_runs) for _ in range(100)])
    # Two standard errors of 100 cases above 5 %; benchmarks/until_separated.py has 500.
    assert wrong <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 100)


def test_what_differs_is_separated() -> None:
    rng = np.random.default_rng(2)
    assert np.mean([some_look_separates(rng, [0.0, 2.0], 60) for _ in range(100)]) > 0.95
