"""How well robots follow the velocities that they are told, which a mean return does not show.

A robot that stands still has a part of the reward of each velocity task, and falls less often than one that walks.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from objectives.run_result import VelocityTracking


class Velocities(NamedTuple):
    """Of each environment's robot, in its base frame, shape `(n_envs, 3)`: x, y [m/s] and the yaw rate [rad/s]."""

    commanded: NDArray[np.float32]
    actual: NDArray[np.float32]


class EpisodeVelocities:
    """Sums over the steps of each environment's episode.

    Args:
        n_envs: Number of environments.
    """

    def __init__(self, n_envs: int) -> None:
        self._sums = np.zeros((n_envs, len(VelocityTracking.model_fields)))

    def add(self, velocities: Velocities) -> None:
        """Counts a step of all environments."""
        commanded, actual = (np.asarray(part, np.float64) for part in velocities)
        speed = np.linalg.norm(commanded[:, :2], axis=1)
        along = np.divide((commanded * actual)[:, :2].sum(axis=1), speed, out=np.zeros_like(speed), where=speed > 0)
        error = np.abs(commanded - actual)
        self._sums += np.stack([speed, along, np.linalg.norm(error[:, :2], axis=1), error[:, 2]], axis=1)

    def of_episode(self, number: int, length: int) -> VelocityTracking | None:
        """The means over the `length` steps of an environment's episode, which ends; None if they are not finite."""
        means = self._sums[number] / length
        return VelocityTracking.of(means) if np.isfinite(means).all() else None

    def begin(self, ended: NDArray[np.bool_]) -> None:
        """Begins the next episode where one has `ended`."""
        self._sums[ended] = 0.0


def mean_tracking(episodes: Sequence[VelocityTracking | None]) -> VelocityTracking | None:
    """The mean over episodes, each of which counts as much as the others, as in a mean return; None if one has none."""
    known = [list(dict(one).values()) for one in episodes if one is not None]
    return VelocityTracking.of(np.mean(known, axis=0)) if known and len(known) == len(episodes) else None
