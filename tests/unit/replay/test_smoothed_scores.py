"""What a model of all trials says of each of them."""

import numpy as np
import pytest
from numpy.typing import NDArray

import samplers
from replay.candidates import FinishedTrial
from replay.smoothed_scores import MIN_TRIALS, smoothed, smoothed_scores
from samplers import FunctionSpace

SPACE = samplers.named_space("sac")


def searched(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points around the best, and their true values."""
    points = rng.uniform(0.2, 0.8, size=(n, 4))
    return points, -np.sum((points - 0.5) ** 2 * [8, 4, 1, 0], axis=1)


def test_smoothed_scores_lie_nearer_to_the_truth_than_scores() -> None:
    nearer = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        points, truth = searched(rng, 60)
        scores = truth + rng.normal(scale=0.3, size=len(truth))
        better = truth >= np.median(truth)  # the others' values do not matter
        apart, apart_smoothed = (np.std((values - truth)[better]) for values in (scores, smoothed(points, scores)))
        nearer += bool(apart_smoothed < 0.7 * apart)
    assert nearer >= 4


def test_scores_without_luck_hardly_change() -> None:
    points, truth = searched(np.random.default_rng(1), 60)
    better = truth >= np.median(truth)
    assert smoothed(points, truth)[better] == pytest.approx(truth[better], abs=0.2 * np.std(truth))


def test_a_policy_that_learnt_nothing_changes_nothing_among_the_good_ones() -> None:
    points, truth = searched(np.random.default_rng(2), 60)
    collapsed = np.where(truth < np.median(truth), truth - 1e4, truth)
    best = np.argsort(-truth)[:15]
    assert smoothed(points, collapsed)[best] == pytest.approx(smoothed(points, truth)[best])


def test_equal_scores_are_smoothed_to_themselves() -> None:
    points, _ = searched(np.random.default_rng(3), 30)
    assert smoothed(points, np.full(30, 7.0)) == pytest.approx(np.full(30, 7.0))


def trials(n: int) -> list[FinishedTrial]:
    rng = np.random.default_rng(4)
    cube = samplers.UnitCube.of(SPACE.distributions())
    sampled = [cube.params(rng.uniform(size=len(cube.dimensions))) for _ in range(n)]
    return [
        FinishedTrial(number, values, SPACE.hyperparameters(values), values["gamma"], diverged=number == 3)
        for number, values in enumerate(sampled)
    ]


def test_each_trial_of_the_space_has_one_and_others_have_none() -> None:
    outside = FinishedTrial(99, {}, {"gamma": 0.9}, 1.0, diverged=False)
    assert smoothed_scores([*trials(MIN_TRIALS), outside], SPACE).keys() == set(range(MIN_TRIALS))


def test_few_trials_and_a_space_that_is_a_function_have_none() -> None:
    assert smoothed_scores(trials(MIN_TRIALS - 1), SPACE) == {}
    assert smoothed_scores(trials(MIN_TRIALS), FunctionSpace(function="my_module:sample")) == {}
