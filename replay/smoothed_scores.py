"""What a search says of each of its trials, once the luck of single runs is smoothed out.

A score is one run with one seed, and the best of a hundred scores is mostly luck. Trials with similar hyperparameters
share no luck, so a Gaussian process over all of them, with a noise that it estimates, tells better which are good
(`benchmarks/candidates.py`).
"""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from replay.candidates import FinishedTrial
from samplers import Space, UnitCube

MIN_TRIALS = 20
"""With fewer the process knows next to nothing: the scores stand as they are."""


def smoothed_scores(trials: Sequence[FinishedTrial], space: Space) -> dict[int, float]:
    """Trial number -> smoothed score, of those that are points of `space`.

    Args:
        trials: The finished ones. One that diverged counts as a bad one.
        space: What the search sampled.

    Returns:
        Nothing where there are fewer than `MIN_TRIALS`, or the space has no dimensions that are known beforehand.
    """
    cube = UnitCube.of(space.distributions())
    known = [trial for trial in trials if cube.names and cube.names <= trial.values.keys()]
    if len(known) < MIN_TRIALS:
        return {}
    points = np.array([cube.point(trial.values) for trial in known])
    values = smoothed(points, np.array([trial.score for trial in known]))
    return {trial.number: float(value) for trial, value in zip(known, values, strict=True)}


def smoothed(points: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of a Gaussian process at the points that it was fitted to.

    Its kernel is Matern's (5/2) with a length for each dimension, and white noise; likelihood decides on both. Scores
    below the median count as the median: how bad the bad ones are says nothing about the good ones, and a policy that
    learns nothing lies far below.

    Args:
        points: Of the unit cube; shape (trials, dimensions).
        scores: Shape (trials,).
    """
    # It loads for a second.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    shape = Matern(np.ones(points.shape[1]), length_scale_bounds=(0.1, 30.0), nu=2.5)
    kernel = ConstantKernel(1.0, (1e-2, 1e2)) * shape + WhiteKernel(0.3, (1e-3, 1e1))
    process = GaussianProcessRegressor(kernel, normalize_y=True)
    middle = np.quantile(scores, 0.5, method="higher")  # a score, not half way to one that is far below
    with warnings.catch_warnings():
        # A length at its bound: of a dimension that does not matter.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(points, np.maximum(scores, middle))
    return np.asarray(process.predict(points))
