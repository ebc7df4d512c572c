"""How agents collect experience, against Stable-Baselines3's own loop, and what of it touches the host."""

from typing import Any

import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sbx
from gymnasium import spaces
from jax._src.array import ArrayImpl
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecMonitor, VecNormalize

from objectives.action_bounds import BoundedActions
from objectives.agents.chunked_training import CHUNK
from objectives.agents.factory import latest_returns
from objectives.agents.replay_ring import Transitions
from objectives.agents.sac import SAC
from objectives.environments.on_device import Stepped
from objectives.errors import DivergedError
from tests.integration.our_draws import with_our_draws

pytestmark = pytest.mark.usefixtures("unoptimized")


class Walk(gym.Env[np.ndarray, np.ndarray]):
    """A random walk in units of its own, whose episodes end at a wall or after nine steps."""

    observation_space = spaces.Box(-np.inf, np.inf, (3,), np.float32)
    action_space = spaces.Box(np.array([-3, 0], np.float32), np.array([5, 1], np.float32))

    def reset(self, **seeds: Any) -> tuple[np.ndarray, dict[str, Any]]:  # type: ignore[override]
        super().reset(**seeds)
        self.place, self.steps = self.np_random.normal(size=3).astype(np.float32), 0
        return self.place.copy(), {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        self.steps += 1
        self.place += 0.3 * self.np_random.normal(size=3).astype(np.float32) + 0.1 * action.sum()
        terminated = bool(np.abs(self.place).max() > 3)
        return self.place.copy(), float(self.place.sum()), terminated, self.steps >= 9 and not terminated, {}


def normalized(n_envs: int = 3) -> VecEnv:
    env = DummyVecEnv([Walk] * n_envs)
    env.seed(5)
    return VecNormalize(VecMonitor(env), clip_obs=50.0, gamma=0.95)


def trained(agent_class: Any, env: VecEnv, steps: int = 150, **arguments: Any) -> Any:
    defaults = {
        "seed": 7, "learning_rate": 1e-3, "learning_starts": 20, "gradient_steps": 2, "batch_size": 16,
        "buffer_size": 100, "gamma": 0.95, "policy_kwargs": {"net_arch": [16]},
    }  # fmt: skip
    agent = agent_class("MlpPolicy", env, **{**defaults, **arguments})
    agent.set_logger(Logger(None, []))
    agent.learn(steps // 2)
    return agent.learn(steps // 2, reset_num_timesteps=False)


# Not clipped: Stable-Baselines3 stores last observations of episodes as clipping leaves them, ours are the task's.
@pytest.mark.parametrize("arguments", [{}, {"n_steps": 3}, {"use_sde": True, "sde_sample_freq": 4}], ids=str)
def test_a_run_with_normalization_and_ends_of_all_kinds_is_that_of_stable_baselines3(arguments: dict[str, Any]) -> None:
    ours, theirs = (trained(cls, normalized(), **arguments) for cls in (SAC, with_our_draws(sbx.SAC)))
    stored, buffer = ours.replay_buffer.stored.transitions, theirs.replay_buffer
    position = int(ours.replay_buffer.stored.position)
    assert (position, buffer.full) == (buffer.pos, True)
    assert 0 < buffer.timeouts.sum() < buffer.dones.sum()
    for name in Transitions._fields:
        np.testing.assert_allclose(getattr(stored, name), getattr(buffer, name), rtol=1e-3, atol=3e-3, err_msg=name)
    for name in ("obs_rms", "ret_rms"):
        mine, reference = getattr(ours.env, name), getattr(theirs.env, name)
        assert mine.count == pytest.approx(reference.count)
        np.testing.assert_allclose(mine.mean, reference.mean, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(mine.var, reference.var, rtol=1e-4)
    np.testing.assert_allclose(ours.env.returns, theirs.env.returns, rtol=1e-4, atol=1e-5)
    for one, other in zip(
        jax.tree.leaves(ours.policy.actor_state.params), jax.tree.leaves(theirs.policy.actor_state.params), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-4)
    episodes = [episode["r"] for episode in theirs.ep_info_buffer]
    np.testing.assert_allclose(sorted(latest_returns(ours)), sorted(episodes), rtol=1e-4)


class OnDevice(VecEnv):
    """Environments whose numbers are on the device, as a simulator's on a GPU."""

    def __init__(self, n_envs: int) -> None:
        super().__init__(n_envs, spaces.Box(-9, 9, (4,), np.float32), spaces.Box(-1, 1, (2,), np.float32))

    def step_on_device(self, actions: jax.Array) -> Stepped:
        return _moved(actions)

    def reset(self) -> np.ndarray:
        return np.zeros((self.num_envs, 4), np.float32)

    def seed(self, seed: int | None = None) -> list[int | None]:
        return [seed] * self.num_envs

    def step_async(self, actions: np.ndarray) -> None:
        raise NotImplementedError

    def get_attr(self, *_: Any, **__: Any) -> list[Any]:
        return [None] * self.num_envs

    step_wait = close = set_attr = env_method = step_async  # type: ignore[assignment]

    def env_is_wrapped(self, *_: Any, **__: Any) -> list[bool]:
        return [False] * self.num_envs


@jax.jit
def _moved(actions: jax.Array) -> Stepped:
    observations = jnp.concatenate([actions, -actions], axis=1)
    ended = actions[:, 0] > 0.5
    return Stepped(observations, observations + 1, actions.sum(axis=1), ended, ~ended & (actions[:, 1] > 0.5), None)


def test_an_iteration_moves_one_flag_to_the_host_and_nothing_to_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[int, ...]] = []
    waits: list[Any] = []
    value, block = ArrayImpl._value, jax.block_until_ready
    env = BoundedActions(OnDevice(8), None, "OnDevice")
    agent = trained(SAC, VecNormalize(VecMonitor(env)), steps=160, buffer_size=80, gradient_steps=2 * CHUNK + 1)
    _, callback = agent._setup_learn(10_000, None)
    monkeypatch.setattr(ArrayImpl, "_value", property(lambda array: read.append(array.shape) or value.fget(array)))
    monkeypatch.setattr(jax, "block_until_ready", lambda arrays: waits.append(1) or block(arrays))
    with jax.transfer_guard("disallow"):
        for _ in range(10):
            agent.collect_rollouts(agent.env, callback, agent.train_freq, agent.replay_buffer)
            agent.train(agent.gradient_steps, agent.batch_size)
    assert read == 10 * [(2,)]
    assert len(waits) == 10 * 2  # between chunks, where the clock is read
    read.clear()
    float(agent.rollout.seen[0, 0])
    assert read  # what is counted is what is read


def test_actions_that_are_not_finite_never_reach_the_environments() -> None:
    env = normalized()
    agent = trained(SAC, env)
    reached: list[bool] = []
    inner: Any = env.unwrapped
    step = inner.step
    inner.step = lambda actions: (reached.append(bool(np.isfinite(actions).all())), step(actions))[1]
    agent.policy.actor_state = agent.policy.actor_state.replace(
        params=jax.tree.map(lambda array: array * np.nan, agent.policy.actor_state.params)
    )
    with pytest.raises(DivergedError, match="the policy's actions are not finite"):
        agent.learn(90, reset_num_timesteps=False)
    assert reached
    assert all(reached)
