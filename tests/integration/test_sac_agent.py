"""Our SAC against sbx's: the same numbers from fewer programs."""

from pathlib import Path
from typing import Any

import flax.linen as nn
import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import sbx
from sbx.common.type_aliases import ReplayBufferSamplesNp
from stable_baselines3.common.buffers import ReplayBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.type_aliases import ReplayBufferSamples
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from objectives.agents.chunked_training import CHUNK
from objectives.agents.compilation import CompilationCounter
from objectives.agents.sac import SAC
from tests.integration.our_draws import with_our_draws

pytestmark = pytest.mark.usefixtures("unoptimized")


def recorded(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    """One recorded sequence of transitions, so that agents which draw differently see the same."""
    rows = rng.standard_normal((n, 10)).astype(np.float32)
    return rows[:, 0:3], np.tanh(rows[:, 3:4]), rows[:, 4:7], (rows[:, 7:8] > 1).astype(np.float32), rows[:, 8:9]


class RecordedBuffer(ReplayBuffer):
    """Gives them to sbx."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rng = np.random.default_rng(0)

    def sample(self, batch_size: int, env: object = None) -> ReplayBufferSamples:
        return ReplayBufferSamples(*(self.to_torch(part) for part in recorded(self.rng, batch_size)))


class RecordedSAC(SAC):
    """Gives them to ours."""

    rng: np.random.Generator

    def _setup_model(self) -> None:
        super()._setup_model()
        self.rng = np.random.default_rng(0)

    def _sample(self, transitions: int) -> ReplayBufferSamplesNp:
        observations, actions, following, dones, rewards = map(jnp.array, recorded(self.rng, transitions))
        discounts = jnp.full(transitions, self.gamma, jnp.float32)
        return ReplayBufferSamplesNp(observations, actions, following, dones[:, 0], rewards[:, 0], discounts)


class NoCallback(BaseCallback):
    """Looks on."""

    def _on_step(self) -> bool:
        return True


@pytest.fixture(scope="module")
def env() -> VecEnv:
    return DummyVecEnv([lambda: gym.make("Pendulum-v1")] * 2)


def make(agent_class: type[sbx.SAC], env: VecEnv, **arguments: Any) -> sbx.SAC:
    defaults: dict[str, Any] = {
        "policy": "MlpPolicy",
        "learning_rate": 1e-3,
        "batch_size": 32,
        "buffer_size": 1000,
        "ent_coef": "auto_0.1",
        "seed": 7,
        "policy_kwargs": {
            "net_arch": [32, 16],
            "activation_fn": nn.elu,
            "optimizer_class": optax.adamw,
            "layer_norm": True,
        },
    }
    agent = agent_class(env=env, **{**defaults, **arguments})
    agent.set_logger(Logger(None, []))
    return agent


def numbers(agent: sbx.SAC) -> dict[str, Any]:
    return {
        "actor": agent.policy.actor_state.params,
        "critics": agent.policy.qf_state.params,
        "targets": agent.policy.qf_state.target_params,
        "entropy coefficient": agent.ent_coef_state.apply_fn({"params": agent.ent_coef_state.params}),
        "key": agent.key,
        "updates": agent._n_updates,
    }


def assert_same_numbers(ours: sbx.SAC, theirs: sbx.SAC) -> None:
    leaves = (jax.tree_util.tree_leaves_with_path(numbers(agent)) for agent in (ours, theirs))
    for (path, one), (_, other) in zip(*leaves, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6, err_msg=jax.tree_util.keystr(path))


@pytest.mark.parametrize(
    "arguments",
    [
        {"gradient_steps": 1, "policy_delay": 1},
        {"gradient_steps": 1, "policy_delay": 3, "ent_coef": 0.2},
        {
            "gradient_steps": 3,
            "policy_delay": 2,
            "target_entropy": -2.0,
            "qf_learning_rate": 1e-2,
            "tau": 0.5,
            "gamma": 0.5,
        },
        {"gradient_steps": 32, "policy_delay": 8},
        {"gradient_steps": 20, "policy_delay": 3},
        {"gradient_steps": 4, "policy": "SimbaPolicy", "policy_kwargs": {"net_arch": {"pi": [16], "qf": [16, 16]}}},
    ],
    ids=str,
)
def test_updates_are_numerically_those_of_sbx(env: VecEnv, arguments: dict[str, Any]) -> None:
    ours = make(RecordedSAC, env, **arguments)
    theirs = make(sbx.SAC, env, replay_buffer_class=RecordedBuffer, **arguments)
    assert_same_numbers(ours, theirs)
    before = np.asarray(jax.tree.leaves(ours.policy.actor_state.params)[0])
    for _ in range(5):
        for agent in (ours, theirs):
            agent.train(arguments["gradient_steps"], agent.batch_size)
    assert_same_numbers(ours, theirs)
    assert not np.allclose(before, jax.tree.leaves(ours.policy.actor_state.params)[0])


def test_the_same_seed_explores_and_learns_as_in_sbx(env: VecEnv) -> None:
    # One after the other, since making an agent seeds numpy's generator and the environment for all.
    ours, theirs = (
        make(agent_class, env, learning_starts=20, gradient_steps=2, param_resets=[40]).learn(60)
        for agent_class in (SAC, with_our_draws(sbx.SAC))
    )
    actions = ours.replay_buffer.stored.transitions.actions
    np.testing.assert_allclose(actions, theirs.replay_buffer.actions, rtol=1e-4, atol=1e-5)
    assert_same_numbers(ours, theirs)


def test_an_agent_of_known_shapes_compiles_nothing(env: VecEnv) -> None:
    make(SAC, env, gradient_steps=CHUNK, learning_starts=0).learn(6).predict(env.reset(), deterministic=True)
    with CompilationCounter() as compiled:
        other = make(
            SAC, env, gradient_steps=4 * CHUNK, policy_delay=5, learning_rate=3e-4, gamma=0.9, tau=0.1, seed=8,
            ent_coef="auto_0.7", target_entropy=-3.0, learning_starts=0,
        )  # fmt: skip
        other.learn(6)
        other.predict(env.reset(), deterministic=True)
    assert compiled.count == 0


def test_another_constant_entropy_coefficient_or_order_of_optimizer_arguments_compiles_nothing(env: VecEnv) -> None:
    def train(ent_coef: float, **optimizer_kwargs: float) -> None:
        policy_kwargs = {"net_arch": [8], "optimizer_class": optax.adamw, "optimizer_kwargs": optimizer_kwargs}
        make(SAC, env, ent_coef=ent_coef, policy_kwargs=policy_kwargs, learning_starts=0).learn(4)

    train(0.3, b1=0.5, weight_decay=0.01)
    with CompilationCounter() as compiled:
        train(0.01, weight_decay=0.01, b1=0.5)
    assert compiled.count == 0


@pytest.mark.parametrize(("gradient_steps", "policy_delay"), [(1, 1), (1, 32), (7, 5), (16, 3), (50, 32), (100, 7)])
def test_any_hyperparameters_need_programs_for_two_numbers_of_gradient_steps_at_most(
    env: VecEnv, gradient_steps: int, policy_delay: int
) -> None:
    # A batch size of its own makes the shapes new, so that nothing is there from another test.
    batch_size = 33 + gradient_steps + policy_delay
    agent = make(
        SAC, env, gradient_steps=gradient_steps, policy_delay=policy_delay, batch_size=batch_size, learning_starts=0
    )
    _, looks_on = agent._setup_learn(10, NoCallback())
    agent.collect_rollouts(env, looks_on, agent.train_freq, agent.replay_buffer)
    with CompilationCounter() as compiled:
        agent.learn(2 * 2 * policy_delay)  # through all offsets of the delay
    # The draw from the replay buffer, and the update.
    assert compiled.count <= 2 * 2


def test_training_stops_between_chunks_and_says_how_many_updates_were_done(env: VecEnv) -> None:
    agent = make(RecordedSAC, env)
    answers = iter([False, True])
    agent.stop_training = lambda: next(answers)
    agent.train(1024, 32)
    assert agent._n_updates == 2 * CHUNK
    agent.stop_training = lambda: True
    agent.train(1024, 32)
    assert agent._n_updates == 3 * CHUNK


def test_a_saved_agent_is_loaded_by_sbx_and_acts_the_same(env: VecEnv, tmp_path: Path) -> None:
    agent = make(SAC, env, learning_starts=0)
    agent.stop_training = lambda: False
    agent.learn(10)
    agent.save(tmp_path / "model.zip")
    observations = env.reset()
    actions, _ = agent.predict(observations, deterministic=True)
    for agent_class in (sbx.SAC, SAC):
        loaded = agent_class.load(tmp_path / "model.zip")
        np.testing.assert_array_equal(loaded.predict(observations, deterministic=True)[0], actions)


def test_a_loaded_agent_goes_on_as_the_saved_one(env: VecEnv, tmp_path: Path) -> None:
    agent = make(RecordedSAC, env)
    agent.train(4, 32)
    agent.save(tmp_path / "model.zip")
    loaded = RecordedSAC.load(tmp_path / "model.zip")
    loaded.set_logger(Logger(None, []))
    loaded.key = agent.key  # Stable-Baselines3 seeds a loaded agent anew
    for one in (agent, loaded):
        one.rng = np.random.default_rng(1)
        one.train(4, 32)
    assert_same_numbers(loaded, agent)


def test_a_loaded_agent_draws_new_exploration_noise(env: VecEnv, tmp_path: Path) -> None:
    make(SAC, env, use_sde=True).save(tmp_path / "model.zip")
    loaded = SAC.load(tmp_path / "model.zip")
    noise = np.asarray(loaded.policy.noise_key)
    loaded.actor.reset_noise()
    assert not np.array_equal(noise, loaded.policy.noise_key)


def test_a_constant_entropy_coefficient_stays_constant(env: VecEnv) -> None:
    agent = make(SAC, env, ent_coef=0.3, learning_starts=0)
    agent.learn(10)
    assert float(numbers(agent)["entropy coefficient"]) == pytest.approx(0.3)


def test_exploration_noise_of_one_agent_is_not_that_of_another(env: VecEnv) -> None:
    one, other = (make(SAC, env, use_sde=True, seed=seed) for seed in (1, 2))
    noise = np.asarray(other.policy.noise_key)
    one.actor.reset_noise()
    np.testing.assert_array_equal(noise, other.policy.noise_key)
