"""What a search says of each of its trials, once the luck of single runs is smoothed out.

A score is one run with one seed, and the best of a hundred scores is mostly luck. Trials with similar hyperparameters
share no luck, so a Gaussian process over all of them, with a noise that it estimates, tells better which are good
(`benchmarks/candidates.py`).
"""

import warnings
from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from replay.candidates import FinishedTrial
from samplers import Space, UnitCube

MIN_TRIALS = 20
"""With fewer the process knows next to nothing: the scores stand as they are."""


def smoothed_scores(trials: Sequence[FinishedTrial], space: Space) -> dict[int, float]:
    """Trial number -> smoothed score, of those that are points of `space`, trained as the study trains.

    Args:
        trials: The finished ones. One that diverged counts as a bad one.
        space: What the search sampled.

    Returns:
        Nothing where there are fewer than `MIN_TRIALS`, or the space has no dimensions that are known beforehand.
    """
    cube = UnitCube.of(space.distributions())
    known = [t for t in trials if cube.names and cube.names <= t.values.keys() and not t.changes]
    if len(known) < MIN_TRIALS:
        return {}
    points = np.array([cube.point(trial.values) for trial in known])
    values = smoothed(points, np.array([trial.score for trial in known]))
    return {trial.number: float(value) for trial, value in zip(known, values, strict=True)}


def smoothed(points: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of a Gaussian process at the points that it was fitted to, as a score.

    Its kernel is Matern's (5/2), with one length for all dimensions, and white noise; likelihood decides on both. A
    length for each dimension is too much for a hundred noisy scores. The process sees ranks, as a normal distribution
    has them: a policy that learns nothing lies far below the others, and how far says nothing about the good ones.

    Args:
        points: Of the unit cube; shape (trials, dimensions).
        scores: Shape (trials,).
    """
    # It loads for a second.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    kernel = ConstantKernel(1.0, (1e-2, 1e2)) * Matern(1.0, (0.1, 30.0), nu=2.5) + WhiteKernel(0.3, (1e-3, 1e1))
    process = GaussianProcessRegressor(kernel, normalize_y=True)
    normal = scipy.stats.norm.ppf((scipy.stats.rankdata(scores) - 0.5) / len(scores))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # likelihood wants a length or a noise beyond its bounds
        process.fit(points, normal)
    return np.asarray(np.interp(process.predict(points), np.sort(normal), np.sort(scores)))
