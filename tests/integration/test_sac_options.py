"""What SAC can do beside sbx: other schedules, ranges of the standard deviation and initial weights."""

from typing import Any

import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sbx
from sbx.common.type_aliases import ReplayBufferSamplesNp
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from objectives.agents.chunked_training import CHUNK
from objectives.agents.compilation import CompilationCounter
from objectives.agents.factory import make_agent
from objectives.agents.initialization import INITIALIZERS
from objectives.agents.sac import SAC
from objectives.agents.standard_deviation import LOG_STD_BOUNDS
from objectives.errors import ConfigurationError
from tests.integration.test_sac_agent import RecordedSAC, assert_same_numbers, make

pytestmark = pytest.mark.usefixtures("unoptimized")

GAUSSIAN: dict[str, Any] = {"policy": "GaussianPolicy"}


@pytest.fixture(scope="module")
def env() -> VecEnv:
    return DummyVecEnv([lambda: gym.make("Pendulum-v1")] * 2)


def agent_of(env: VecEnv, policy_kwargs: dict[str, Any], **hyperparameters: Any) -> SAC:
    small = {"buffer_size": 200, "learning_starts": 0, "policy_kwargs": {"net_arch": [48, 32], **policy_kwargs}}
    agent = make_agent("sac", {**small, **hyperparameters}, env, seed=3)
    assert isinstance(agent, SAC)
    return agent


class StepByStep(RecordedSAC):
    """The same schedule in plain Python, one update after the other, from sbx's own parts."""

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        policy = self.policy
        size = len(data.rewards) // steps
        losses: Any = None
        for i in range(steps):
            batch = [np.asarray(part[i * size : (i + 1) * size]) for part in data]
            observations, actions, following, dones, rewards, discounts = batch
            policy.qf_state, losses, self.key = sbx.SAC.update_critic(
                policy.actor_state, policy.qf_state, self.ent_coef_state, observations, actions, following, rewards,
                dones, discounts, self.key,
            )  # fmt: skip
            count = self._n_updates + i + 1
            if count % self.target_update_interval == 0:
                policy.qf_state = sbx.SAC.soft_update(self.tau, policy.qf_state)
            if count % self.policy_delay == 0:
                for _ in range(self.policy_delay if self.policy_catches_up else 1):
                    policy.actor_state, policy.qf_state, self.ent_coef_state, _, _, self.key = (
                        sbx.SAC.update_actor_and_temperature(
                            policy.actor_state, policy.qf_state, self.ent_coef_state, observations,
                            self.target_entropy, self.key,
                        )
                    )  # fmt: skip
        return losses


@pytest.mark.parametrize(
    "schedule",
    [
        {"target_update_interval": 2},
        {"policy_delay": 3, "policy_catches_up": True},
        {"target_update_interval": 3, "policy_delay": 2, "policy_catches_up": True, "ent_coef": 0.2},
        {"target_update_interval": 5, "policy_delay": 4},
    ],
    ids=str,
)
def test_a_schedule_does_the_updates_of_a_plain_loop(env: VecEnv, schedule: dict[str, Any]) -> None:
    ours, plain = (make(kind, env, **schedule) for kind in (RecordedSAC, StepByStep))
    for gradient_steps in (1, 7, CHUNK + 3):
        for agent in (ours, plain):
            agent.train(gradient_steps, agent.batch_size)
    assert_same_numbers(ours, plain)


def test_other_schedules_share_their_programs(env: VecEnv) -> None:
    shape = {"gradient_steps": CHUNK, "learning_starts": 0}
    make(SAC, env, target_update_interval=2, **shape).learn(6)
    with CompilationCounter() as compiled:
        make(SAC, env, target_update_interval=8, policy_delay=4, policy_catches_up=True, **shape).learn(6)
        make(SAC, env, policy_delay=2, policy_catches_up=True, tau=0.1, ent_coef="auto_0.3", **shape).learn(6)
    assert compiled.count == 0


@pytest.mark.parametrize("bound", LOG_STD_BOUNDS)
def test_the_standard_deviation_stays_in_its_range_and_its_gradient_is_what_the_name_says(bound: str) -> None:
    low, high = -5.0, 2.0
    given = np.array([-30.0, -5.5, -4.9, 0.0, 0.4, 1.9, 2.1, 9.0], np.float32)
    value, gradient = jax.vmap(jax.value_and_grad(lambda x: LOG_STD_BOUNDS[bound](x, low, high)))(jnp.array(given))
    inside = (given > low) & (given < high)
    expected = {
        "clip": (np.clip(given, low, high), inside.astype(np.float32)),
        "clip-values": (np.clip(given, low, high), np.ones_like(given)),
        "tanh": (low + 0.5 * (high - low) * (np.tanh(given) + 1), 0.5 * (high - low) * (1 - np.tanh(given) ** 2)),
    }[bound]
    np.testing.assert_allclose(value, expected[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(gradient, expected[1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("bound", LOG_STD_BOUNDS)
def test_the_policys_distribution_is_that_of_its_layers(env: VecEnv, bound: str) -> None:
    agent = agent_of(env, {"log_std_bound": bound, "log_std_min": -0.01, "log_std_max": 0.01})
    rng = np.random.default_rng(0)
    observations = rng.standard_normal((64, 3)).astype(np.float32)
    parameters = jax.device_get(agent.policy.actor_state.params["params"])
    hidden = observations
    for layer in ("Dense_0", "Dense_1"):
        hidden = np.maximum(hidden @ parameters[layer]["kernel"] + parameters[layer]["bias"], 0)
    mean, log_std = (hidden @ parameters[head]["kernel"] + parameters[head]["bias"] for head in ("Dense_2", "Dense_3"))
    if bound == "tanh":
        log_std = 0.01 * np.tanh(log_std)
    distribution = agent.policy.actor_state.apply_fn(agent.policy.actor_state.params, observations).distribution
    np.testing.assert_allclose(distribution.mean(), mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(distribution.stddev(), np.exp(np.clip(log_std, -0.01, 0.01)), rtol=1e-5)


def kernels_of(agent: SAC) -> list[np.ndarray]:
    """Of the policy, and of each critic."""
    leaves = jax.tree_util.tree_leaves_with_path((agent.policy.actor_state.params, agent.policy.qf_state.params))
    kernels = [np.asarray(leaf) for path, leaf in leaves if path[-1].key == "kernel"]
    return [one for kernel in kernels for one in (kernel if kernel.ndim == 3 else [kernel])]


def biases_of(agent: SAC) -> np.ndarray:
    leaves = jax.tree_util.tree_leaves_with_path((agent.policy.actor_state.params, agent.policy.qf_state.params))
    return np.concatenate([np.ravel(leaf) for path, leaf in leaves if path[-1].key == "bias"])


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_begin_as_their_name_says(env: VecEnv, name: str) -> None:
    agent = agent_of(env, {"initialization": name, "n_critics": 3})
    kernels = kernels_of(agent)
    assert len(kernels) == 4 + 3 * 3
    flat = np.concatenate([np.ravel(kernel) for kernel in kernels])
    assert len(np.unique(flat)) > 0.99 * len(flat)  # no critic has another's
    for kernel in kernels:
        rows, columns = kernel.shape
        match name:
            case "orthogonal":
                short = kernel @ kernel.T if rows < columns else kernel.T @ kernel
                np.testing.assert_allclose(short, np.eye(len(short)), atol=1e-5)
            case "xavier-uniform":
                limit = np.sqrt(6 / (rows + columns))
                assert np.abs(kernel).max() <= limit
                assert np.abs(kernel).max() > 0.8 * limit or kernel.size < 100
            case "torch":
                assert np.abs(kernel).max() <= 1 / np.sqrt(rows)
                assert np.abs(kernel).max() > 0.8 / np.sqrt(rows) or kernel.size < 100
            case "lecun-normal":
                assert kernel.size < 1000 or kernel.std() == pytest.approx(1 / np.sqrt(rows), rel=0.1)
    assert np.any(biases_of(agent)) == (name == "torch")
    targets = jax.tree.leaves(agent.policy.qf_state.target_params)
    for target, parameter in zip(targets, jax.tree.leaves(agent.policy.qf_state.params), strict=True):
        np.testing.assert_array_equal(target, parameter)


def test_another_learning_rate_of_the_critics_is_no_other_program(env: VecEnv) -> None:
    shape = {"gradient_steps": 4, "batch_size": 16}
    agent_of(env, {"log_std_bound": "tanh"}, **shape).learn(8)
    with CompilationCounter() as compiled:
        agent_of(env, {"log_std_bound": "tanh"}, qf_learning_rate=1e-2, **shape).learn(8)
    assert compiled.count == 0


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters", "said"),
    [
        ("sac", {"target_update_intervall": 2}, "did you mean target_update_interval"),
        ("sac", {"policy_kwargs": {"initialization": "he"}}, "policy_kwargs.initialization is 'he'; known are lecun-"),
        ("sac", {"policy_kwargs": {"log_std_bound": "none"}}, "policy_kwargs.log_std_bound is 'none'; known are clip"),
        ("sac", {"policy_kwargs": {"log_std_min": 3}}, "log_std_min 3 is not below log_std_max 2"),
        ("sac", {"policy": "SimbaPolicy", "policy_kwargs": {"log_std_bound": "tanh"}}, "no hyperparameter policy_"),
        ("tqc", {"target_update_interval": 2}, "tqc has no hyperparameter target_update_interval"),
        ("td3", {"policy_catches_up": True}, "td3 has no hyperparameter policy_catches_up"),
        ("crossq", {"policy_kwargs": {"initialization": "torch"}}, "no hyperparameter policy_kwargs.initialization"),
        ("ppo", {"policy_kwargs": {"log_std_bound": "tanh"}}, "no hyperparameter policy_kwargs.log_std_bound"),
        ("sac", {"bounds_loss_coef": -1}, "bounds_loss_coef is -1: it cannot be below 0"),
        ("sac", {"policy_std_reg_weight": float("nan")}, "policy_std_reg_weight is nan: it cannot be below 0"),
        ("sac", {"initial_action_range": 0}, "initial_action_range is 0: it lies above 0 and is 1 at most"),
        ("sac", {"action_range_fraction": 1.5}, "action_range_fraction is 1.5: it lies above 0 and is 1 at most"),
        ("sac", {"target_kl": 0}, "target_kl is 0: it is above 0, or null"),
        ("sac", {**GAUSSIAN, "initial_action_range": 0.5}, "GaussianPolicy has no bounds that could grow"),
        ("sac", {**GAUSSIAN, "policy_kwargs": {"log_std_init": 3}}, "log_std_init 3 is not between log_std_min -20"),
        ("sac", {**GAUSSIAN, "policy_kwargs": {"log_std_bound": "tanh"}}, "no hyperparameter policy_kwargs.log_std_"),
        ("sac", {"policy_kwargs": {"state_dependent_std": False}}, "no hyperparameter policy_kwargs.state_dependent"),
        ("tqc", {"target_kl": 0.1}, "tqc has no hyperparameter target_kl"),
        ("crossq", {"bounds_loss_coef": 1}, "crossq has no hyperparameter bounds_loss_coef"),
        ("td3", {"initial_action_range": 0.5}, "td3 has no hyperparameter initial_action_range"),
        ("ppo", {"policy_mean_reg_weight": 0.5}, "ppo has no hyperparameter policy_mean_reg_weight"),
        ("tqc", GAUSSIAN, "policy is 'GaussianPolicy'; tqc knows MlpPolicy"),
    ],
    ids=str,
)
def test_what_cannot_be_or_does_nothing_is_refused_by_name(
    env: VecEnv, algorithm: Any, hyperparameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said.replace(".", r"\.")):
        make_agent(algorithm, hyperparameters, env, seed=0)
