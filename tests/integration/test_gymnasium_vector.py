"""Tasks that exist only vectorized, as the agents see them."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from objectives.environments.gymnasium_vector import GymnasiumVectorVecEnv
from objectives.errors import ConfigurationError

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]


class Counting(gym.vector.VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """Observes the steps since the reset; environment 0 fails after two."""

    def __init__(self, mode: AutoresetMode, num_envs: int = 3) -> None:
        self.metadata = {"autoreset_mode": mode}
        self.num_envs = num_envs
        self.single_observation_space = gym.spaces.Box(0, 99, (1,), np.float32)
        self.single_action_space = gym.spaces.Box(-1, 1, (1,), np.float32)
        self.ages = np.zeros(num_envs)

    def observe(self) -> np.ndarray:
        return self.ages[:, None].astype(np.float32)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        self.ages[(options or {}).get("reset_mask", np.ones(self.num_envs, bool))] = 0
        return self.observe(), {}

    def step(self, actions: np.ndarray) -> Arrays:
        self.ages += 1
        failed = (np.arange(self.num_envs) == 0) & (self.ages >= 2)
        info: dict[str, Any] = {}
        if failed.any() and self.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP:
            info["final_obs"] = np.array(
                [row if end else None for row, end in zip(self.observe(), failed, strict=True)], object
            )
            self.ages[failed] = 0
        return self.observe(), np.ones(self.num_envs), failed, np.zeros(self.num_envs, bool), info


def steps(env: GymnasiumVectorVecEnv, n: int) -> list[tuple[list[float], list[bool], dict[int, tuple[float, bool]]]]:
    """Of each step the observations, who ended, and of those the last observation and whether time ended them."""
    seen = []
    for _ in range(n):
        observations, _, dones, infos = env.step(np.zeros((env.num_envs, 1), np.float32))
        ends = {
            int(number): (float(infos[number]["terminal_observation"][0]), infos[number]["TimeLimit.truncated"])
            for number in np.flatnonzero(dones)
        }
        seen.append((observations[:, 0].tolist(), dones.tolist(), ends))
    return seen


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.DISABLED])
def test_an_end_shows_the_next_episode_and_keeps_its_own_last_observation(mode: AutoresetMode) -> None:
    env = GymnasiumVectorVecEnv(Counting(mode), "T", None)
    assert env.reset()[:, 0].tolist() == [0, 0, 0]
    assert steps(env, 3) == [
        ([1, 1, 1], [False] * 3, {}),
        ([0, 2, 2], [True, False, False], {0: (2, False)}),
        ([1, 3, 3], [False] * 3, {}),
    ]


def test_a_time_limit_resets_those_that_reach_it() -> None:
    env = GymnasiumVectorVecEnv(Counting(AutoresetMode.DISABLED), "T", 3)
    env.reset()
    assert env.episode_limit == 3
    assert steps(env, 4)[2:] == [
        ([1, 0, 0], [False, True, True], {1: (3, True), 2: (3, True)}),
        ([0, 1, 1], [True, False, False], {0: (2, False)}),
    ]


def test_without_resets_of_single_environments_a_time_limit_cuts_all() -> None:
    env = GymnasiumVectorVecEnv(Counting(AutoresetMode.SAME_STEP), "T", 3)
    env.reset()
    assert steps(env, 3)[2] == ([0, 0, 0], [True] * 3, {0: (1, True), 1: (3, True), 2: (3, True)})


def test_a_reset_in_the_next_step_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="resets in the step after an episode's end"):
        GymnasiumVectorVecEnv(Counting(AutoresetMode.NEXT_STEP), "T", None)
