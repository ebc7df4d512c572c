"""Runs that do not fit into memory are refused before they begin."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecNormalize

from objectives.agents.factory import make_agent
from objectives.errors import TooLargeError
from objectives.memory import GIB, free_host_memory, memory_needed, refuse_too_large

TUNED = {"batch_size": 512, "gradient_steps": 32, "buffer_size": 2_000_000, "policy_kwargs": {"net_arch": [512, 256]}}


class Sized(gym.Env[np.ndarray, np.ndarray]):
    """Spaces as large as those of a robot on rough ground."""

    observation_space = spaces.Box(-1, 1, (235,), np.float32)
    action_space = spaces.Box(-1, 1, (12,), np.float32)


@pytest.fixture(scope="module")
def env() -> VecEnv:
    return DummyVecEnv([Sized] * 4)


def test_the_estimate_of_the_buffer_is_what_it_allocates(env: VecEnv) -> None:
    hyperparameters = {**TUNED, "buffer_size": 10_000}
    buffer = make_agent("sac", hyperparameters, env, seed=0).replay_buffer
    allocated = sum(array.nbytes for array in buffer.stored.transitions)
    needed = memory_needed(hyperparameters, env, on_policy=False).device
    without_buffer = memory_needed({**hyperparameters, "buffer_size": 0}, env, on_policy=False).device
    assert needed - without_buffer == pytest.approx(allocated, rel=0.01)


def test_a_batch_of_more_than_memory_is_refused_and_says_why(env: VecEnv) -> None:
    refuse_too_large({**TUNED, "buffer_size": 10_000}, env, on_policy=False)
    with pytest.raises(TooLargeError, match=r"needs \d+\.\d GiB memory, .* GiB are free .*batch_size 536,870,912"):
        refuse_too_large({**TUNED, "buffer_size": 10_000, "batch_size": 2**29}, env, on_policy=False)
    with pytest.raises(TooLargeError, match="buffer_size 1,000,000,000"):
        refuse_too_large({**TUNED, "buffer_size": 10**9}, env, on_policy=False)
    with pytest.raises(TooLargeError, match="n_steps 1,073,741,824"):
        refuse_too_large({"n_steps": 2**30, "n_minibatches": 4}, env, on_policy=True)


def test_gradient_steps_count_up_to_a_chunk(env: VecEnv) -> None:
    needed = [memory_needed({**TUNED, "gradient_steps": n}, env, on_policy=False).device for n in (1, 16, 1024)]
    assert needed[0] < needed[1] == needed[2]


@pytest.mark.parametrize(("dtype", "bytes_each"), [(np.uint8, 1), (np.float32, 4), (np.float64, 4)])
def test_observations_count_with_the_bytes_in_which_they_are_stored(dtype: type[np.generic], bytes_each: int) -> None:
    class Image(Sized):
        observation_space = spaces.Box(0, 255, (60, 40, 3), dtype)

    env = DummyVecEnv([Image])
    hyperparameters = {"buffer_size": 1000, "batch_size": 8}
    with_buffer, without = (
        memory_needed({**hyperparameters, "buffer_size": size}, env, on_policy=False).device for size in (1000, 0)
    )
    assert with_buffer - without == 1000 * (2 * 60 * 40 * 3 * bytes_each + 4 * (12 + 1) + 2)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_observations_are_stored_as_the_task_gives_them_and_normalized_when_they_are_used(
    dtype: type[np.generic],
) -> None:
    class Image(Sized):
        observation_space = spaces.Box(0, 255, (36, 36, 3), dtype)

        def reset(self, **_: object) -> tuple[np.ndarray, dict[str, object]]:  # type: ignore[override]
            return self.observation_space.sample(), {}

        def step(self, _: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, object]]:
            return self.observation_space.sample(), 0.0, False, False, {}

    agent = make_agent("sac", {"buffer_size": 8, "learning_starts": 0, "batch_size": 4}, normalized(Image), seed=0)
    agent.learn(8)
    stored = np.asarray(agent.replay_buffer.stored.transitions.observations)
    assert stored.dtype == dtype
    assert stored.max() > 100
    assert np.abs(agent.rollout.seen).max() <= 10


def normalized(task: type[gym.Env[np.ndarray, np.ndarray]]) -> VecEnv:
    return VecNormalize(DummyVecEnv([task] * 2))


def test_free_memory_is_a_plausible_amount() -> None:
    assert 0.1 * GIB < free_host_memory() < 16384 * GIB
