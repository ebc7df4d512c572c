"""Tasks that exist only vectorized, and tasks in several processes, as the agents see them."""

import multiprocessing
from contextlib import closing
from typing import Any, Literal

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from objectives.environments import action_names, make_vec_env
from objectives.environments.gymnasium_vector import GymnasiumVectorVecEnv
from objectives.errors import ConfigurationError
from objectives.run_spec import EnvironmentSpec

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


def shown(task: str, mode: Literal["sync", "async"], limit: int | None) -> list[Any]:
    """Everything that an agent sees of 3 environments of `task` in 60 steps of the same actions."""
    tasks = tuple(f"tests.tasks.{module}" for module in ("faulty_tasks", "odd_tasks", "tracking_task"))
    spec = EnvironmentSpec(
        backend="gymnasium", task=task, n_envs=3, vectorization_mode=mode, max_episode_steps=limit, imports=tasks
    )
    rng = np.random.default_rng(0)
    with closing(make_vec_env(spec, seed=7)) as env:
        seen = [action_names(env), env.episode_limit, env.reset()]
        for _ in range(60):
            observations, rewards, dones, infos = env.step(rng.uniform(-1, 1, (3, *env.action_space.shape)))
            names = ("terminal_observation", "TimeLimit.truncated", "is_success")
            ends = [{name: infos[i].get(name) for name in names} for i in np.flatnonzero(dones)]
            seen += [observations, rewards.astype(np.float32), dones, ends]
    return seen


@pytest.mark.parametrize(
    ("task", "limit"),
    [("Pendulum-v1", 20), ("Nothing-v0", None), ("Odd/Dictionary-v0", 15), ("NamedTracking-v0", None)],
)
def test_environments_in_processes_of_their_own_show_what_those_in_one_process_show(
    task: str, limit: int | None
) -> None:
    alone, together = shown(task, "async", limit), shown(task, "sync", limit)
    np.testing.assert_equal(alone, together)


@pytest.mark.filterwarnings("ignore:.*ERROR:UserWarning")  # Gymnasium's log
@pytest.mark.parametrize(
    ("task", "error"),
    [("Raise-v0", "the simulator gave up"), ("Segfault-v0", "the process of environment 0 was killed by SIGSEGV")],
)
def test_what_goes_wrong_in_a_process_is_said_and_leaves_none(task: str, error: str) -> None:
    with pytest.raises(RuntimeError, match=error):
        shown(task, "async", None)
    assert not multiprocessing.active_children()


def test_a_vectorized_task_has_no_processes_for_its_environments() -> None:
    with pytest.raises(ConfigurationError, match="is vectorized by itself"):
        shown("Odd/Vectorized-v0", "async", 10)
