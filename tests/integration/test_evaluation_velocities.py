"""Which steps count for the velocities of an evaluation: those of its episodes, as the policy acts in them."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import DummyVecEnv, VecMonitor, VecNormalize

from objectives.action_bounds import BoundedActions
from objectives.evaluation import evaluate
from objectives.run_result import VelocityTracking
from objectives.run_spec import ActionBounds
from objectives.velocity_tracking import Velocities

LENGTHS = (2, 5)


class Accelerates(gym.Env[Any, Any]):
    """Goes faster by 1 m/s with each step of its episode."""

    action_space = gym.spaces.Box(-1, 1, (1,))
    observation_space = gym.spaces.Box(-np.inf, np.inf, (1,))

    def __init__(self, length: int) -> None:
        self.length, self.speed = length, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.speed = 0
        return np.zeros(1, np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.speed += 1
        return np.zeros(1, np.float32), 1.0, self.speed == self.length, False, {}


class Robots(DummyVecEnv):
    """Two of them, told to go forward with 1 m/s; `speed_of` says how fast one that goes so fast really is."""

    def __init__(self, speed_of: Any) -> None:
        super().__init__([lambda length=length: Accelerates(length) for length in LENGTHS])
        self.speed_of = speed_of

    def robot_velocities(self) -> Velocities:
        """As of Isaac Lab's tasks."""
        forward = [self.speed_of(env.unwrapped.speed) for env in self.envs]
        return Velocities(np.array([[1.0, 0.0, 0.0]] * 2), np.array([[speed, 0.0, 0.0] for speed in forward]))


class Still:
    """A policy."""

    def predict(self, observations: NDArray[np.float32], deterministic: bool) -> tuple[NDArray[np.float32], None]:
        return np.zeros((len(observations), 1), np.float32), None


def velocity_of(robots: DummyVecEnv, n_episodes: int) -> VelocityTracking | None:
    bounded = BoundedActions(robots, ActionBounds(low=-0.5, high=0.5), "Accelerates")
    return evaluate(Still(), VecNormalize(VecMonitor(bounded)), n_episodes, seed=0).velocity  # type: ignore[arg-type]


@pytest.mark.parametrize("episodes_each", [1, 3])
def test_each_step_of_each_episode_counts_from_its_first_state_on(episodes_each: int) -> None:
    # 0 and 1 m/s in the short episodes, 0 to 4 in the long ones: 0.5 and 2 on average.
    velocity = velocity_of(Robots(float), 2 * episodes_each)
    assert velocity is not None
    assert velocity.model_dump() == pytest.approx(VelocityTracking.of((1, 1.25, (0.5 + 7 / 5) / 2, 0)).model_dump())


def test_a_number_that_is_not_finite_costs_the_velocities_and_not_the_evaluation() -> None:
    assert velocity_of(Robots(lambda speed: np.inf if speed == 3 else speed), 2) is None


def test_a_task_that_commands_none_has_none() -> None:
    assert velocity_of(DummyVecEnv([lambda: Accelerates(2), lambda: Accelerates(3)]), 2) is None
