"""How robots follow commanded velocities, of cases that one can do by hand."""

import numpy as np
import pytest

from objectives.run_result import VelocityTracking
from objectives.velocity_tracking import EpisodeVelocities, Velocities, mean_tracking

STANDS, FORWARD, LEFT, BACKWARD = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0)
TURNS = (0.0, 0.0, 0.5)


@pytest.mark.parametrize(
    ("commanded", "actual", "expected"),
    [
        (FORWARD, FORWARD, (1, 1, 0, 0)),
        (FORWARD, STANDS, (1, 0, 1, 0)),
        (FORWARD, LEFT, (1, 0, np.sqrt(2), 0)),
        (FORWARD, BACKWARD, (1, -1, 2, 0)),
        (STANDS, FORWARD, (0, 0, 1, 0)),
        (TURNS, STANDS, (0, 0, 0, 0.5)),
        ((3.0, 4.0, -1.0), (3.0, 4.0, 1.0), (5, 5, 0, 2)),
    ],
)
def test_a_step(commanded: tuple[float, ...], actual: tuple[float, ...], expected: tuple[float, ...]) -> None:
    counts = EpisodeVelocities(2)
    counts.add(velocities([STANDS, commanded], [STANDS, actual]))
    assert counts.of_episode(1, length=1) == VelocityTracking.of(expected)
    assert counts.of_episode(0, length=1) == VelocityTracking.of((0, 0, 0, 0))


def test_an_episode_is_the_mean_of_its_own_steps() -> None:
    counts = EpisodeVelocities(2)
    counts.add(velocities([FORWARD, LEFT], [STANDS, LEFT]))
    counts.begin(np.array([False, True]))
    counts.add(velocities([FORWARD, LEFT], [FORWARD, STANDS]))
    assert counts.of_episode(0, length=2) == VelocityTracking.of((1, 0.5, 0.5, 0))
    assert counts.of_episode(1, length=1) == VelocityTracking.of((1, 0, 1, 0))


def test_each_episode_counts_as_much_as_the_others() -> None:
    walks, stands = VelocityTracking.of((1, 1, 0, 0)), VelocityTracking.of((0.5, 0, 0.5, 0.1))
    assert mean_tracking([walks, stands, stands, walks]) == VelocityTracking.of((0.75, 0.5, 0.25, 0.05))
    assert mean_tracking([]) is None
    assert mean_tracking([walks, None]) is None


def test_numbers_that_are_not_finite_are_no_tracking() -> None:
    counts = EpisodeVelocities(2)
    counts.add(velocities([FORWARD, FORWARD], [(np.nan, 0, 0), FORWARD]))
    assert counts.of_episode(0, length=1) is None
    assert counts.of_episode(1, length=1) == VelocityTracking.of((1, 1, 0, 0))


def velocities(commanded: list[tuple[float, ...]], actual: list[tuple[float, ...]]) -> Velocities:
    return Velocities(np.array(commanded, np.float32), np.array(actual, np.float32))
