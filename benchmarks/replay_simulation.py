"""Synthetic studies with known true values, replayed by the package's own statistics.

A study: 100 configurations whose true values are drawn from a normal distribution with standard deviation 1; a run
gives the true value plus seed noise of the same standard deviation, unless said otherwise. That is as bad as it gets:
half of what a search sees is luck.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from replay import racing, ranking, statistics
from replay.candidates import Candidate
from replay.runs import Outcome, Run, Setting

Floats = NDArray[np.float64]
Noise = Callable[[np.random.Generator, tuple[int, ...]], Floats]

N_CONFIGURATIONS = 100


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Standard normal."""
    return rng.normal(size=shape)


def skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Gamma, mirrored: good seeds are alike, bad ones are not. Mean 0, standard deviation 1."""
    return (2 - rng.gamma(2, 1, shape)) / np.sqrt(2)


def failing(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Every tenth seed fails by 4 standard deviations. Mean 0, standard deviation 1."""
    fails = rng.random(shape) < 0.1
    return (rng.normal(size=shape) - 4 * fails + 0.4) / np.sqrt(1 + 16 * 0.1 * 0.9)


NOISES: dict[str, Noise] = {"normal": normal, "skewed": skewed, "failing": failing}


def coverage(noise: Noise, n_seeds: int, statistic: statistics.Statistic, studies: int, seed: int = 0) -> float:
    """Share of 95 % intervals that hold the true IQM (or mean) of the candidate."""
    rng = np.random.default_rng(seed)
    truth = float(statistic(noise(rng, (2_000_000,))))
    held = 0
    for _ in range(studies):
        interval = statistics.interval(noise(rng, (n_seeds,)), statistic)
        assert interval is not None
        held += interval[0] <= truth <= interval[1]
    return held / studies


def lucky_false_alarms(noise: Noise, n_seeds: int, studies: int, seed: int = 0) -> float:
    """Share of average candidates, none of them chosen for its score, that are called lucky."""
    rng = np.random.default_rng(seed)
    alarms = 0
    for _ in range(studies):
        bound = statistics.prediction_bound(noise(rng, (n_seeds,)))
        assert bound is not None
        alarms += bool(noise(rng, ()) > bound)
    return alarms / studies


def false_separations(noise: Noise, n_candidates: int, n_seeds: int, studies: int, seed: int = 0) -> float:
    """Share of rankings of equally good candidates in which any is called separated from the leader."""
    rng = np.random.default_rng(seed)
    return float(np.mean([len(_tie_set(noise(rng, (n_candidates, n_seeds)))) < n_candidates for _ in range(studies)]))


def _tie_set(returns: Floats) -> tuple[ranking.Row, ...]:
    return ranked(returns).tie_set


def ranked(returns: Floats) -> ranking.Ranking:
    """The package's ranking of candidates with these returns, `(candidates, seeds)`."""
    candidates = [Candidate(f"trial {number}", {}, None) for number in range(len(returns))]
    outcomes = [
        Outcome(
            Run(candidate.name, {}, seed, Setting(), "replay"), float(value), False, 1.0, 1.0, 1, "cpu", False, (), ()
        )
        for candidate, values in zip(candidates, returns, strict=True)
        for seed, value in enumerate(values)
    ]
    return ranking.rank(candidates, outcomes, Setting(), "cpu")


class Searches:
    """Many searches at once, and the regret of what is picked after them.

    Args:
        noise: Seed noise.
        studies: How many searches.
        seed: Seeds all draws.
    """

    def __init__(self, noise: Noise, studies: int, seed: int = 0) -> None:
        self._noise = noise
        self._rng = np.random.default_rng(seed)
        self._truth = self._rng.normal(size=(studies, N_CONFIGURATIONS))
        scores = self._truth + noise(self._rng, self._truth.shape)
        self._by_score = np.argsort(-scores, axis=1)
        self._best_scores = np.take_along_axis(scores, self._by_score, axis=1)[:, 0]

    def single_seed(self) -> float:
        """Regret of the search's winner."""
        return self._regret(self._by_score[:, 0])

    def optimism(self) -> float:
        """How much too good the search's winner looks."""
        return float(np.mean(self._best_scores - self._values(self._by_score[:, :1])[:, 0]))

    def grid(self, top: int, seeds: int) -> float:
        """Regret after `--top top --seeds seeds`."""
        return self._race(top, [racing.Rung(top, seeds)])

    def race(self, top: int, seeds: int) -> tuple[float, float]:
        """Regret after the same with `--racing`, and the share of the grid's runs it took."""
        rounds = racing.rungs(top, seeds)
        return self._race(top, rounds), racing.n_runs(rounds) / (top * seeds)

    def _race(self, top: int, rounds: list[racing.Rung]) -> float:
        chosen = self._by_score[:, :top]
        returns = self._values(chosen)[..., None] + self._noise(self._rng, (*chosen.shape, rounds[-1].n_seeds))
        alive = np.tile(np.arange(top), (len(chosen), 1))
        for place, rung in enumerate(rounds):
            so_far = statistics.iqm(np.take_along_axis(returns, alive[..., None], axis=1)[..., : rung.n_seeds])
            left = rounds[place + 1].n_candidates if place + 1 < len(rounds) else 1
            alive = np.take_along_axis(alive, np.argsort(-so_far, axis=1)[:, :left], axis=1)
        return self._regret(np.take_along_axis(chosen, alive, axis=1)[:, 0])

    def _values(self, configurations: NDArray[np.int_]) -> Floats:
        return np.take_along_axis(self._truth, configurations, axis=1)

    def _regret(self, picked: NDArray[np.int_]) -> float:
        return float(np.mean(self._truth.max(axis=1) - self._values(picked[:, None])[:, 0]))
