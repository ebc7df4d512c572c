"""TQC, CrossQ, TD3 and PPO against sbx's: the same numbers from programs that all agents of a process share."""

from typing import Any

import flax.linen as nn
import gymnasium as gym
import jax
import numpy as np
import optax
import pytest
import sbx
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from objectives.agents.chunked_training import ChunkedTraining
from objectives.agents.compilation import CompilationCounter
from objectives.agents.crossq import CrossQ
from objectives.agents.ppo import PPO
from objectives.agents.td3 import TD3, ExplorationNoise
from objectives.agents.tqc import TQC
from tests.integration.our_draws import with_our_draws

OFF_POLICY: dict[str, Any] = {
    "buffer_size": 1000,
    "learning_starts": 20,
    "gradient_steps": 3,
    "policy_delay": 2,
    "batch_size": 16,
}
ON_POLICY: dict[str, Any] = {"n_steps": 16, "batch_size": 8, "n_epochs": 2}
SMALL: dict[str, Any] = {"net_arch": [16, 8], "activation_fn": nn.elu, "optimizer_class": optax.adamw}
RESIDUAL: dict[str, Any] = {"net_arch": {"pi": [16], "qf": [16]}}

CASES = [
    (TQC, sbx.TQC, {**OFF_POLICY, "top_quantiles_to_drop_per_net": 3, "policy_kwargs": {**SMALL, "n_quantiles": 7}}),
    (TQC, sbx.TQC, {**OFF_POLICY, "policy": "SimbaPolicy", "ent_coef": 0.1, "policy_kwargs": RESIDUAL}),
    (CrossQ, sbx.CrossQ, {**OFF_POLICY, "policy_kwargs": {**SMALL, "renorm_warmup_steps": 5}}),
    (CrossQ, sbx.CrossQ, {**OFF_POLICY, "policy": "SimbaPolicy", "policy_kwargs": RESIDUAL}),
    (TD3, sbx.TD3, {**OFF_POLICY, "target_policy_noise": 0.4, "policy_kwargs": {**SMALL, "layer_norm": True}}),
    (PPO, sbx.PPO, {**ON_POLICY, "max_grad_norm": 0.3, "policy_kwargs": {"net_arch": [16], "ortho_init": True}}),
    (PPO, sbx.PPO, {**ON_POLICY, "target_kl": 0.01, "ent_coef": 0.1, "policy_kwargs": {"net_arch": [16]}}),
]
NAMES = [f"{ours.__name__}-{place}" for place, (ours, _, _) in enumerate(CASES)]


@pytest.fixture(scope="module")
def env() -> VecEnv:
    return DummyVecEnv([lambda: gym.make("Pendulum-v1")] * 2)


def trained(agent_class: Any, env: VecEnv, **arguments: Any) -> Any:
    # A copy, since sbx writes into it.
    arguments["policy_kwargs"] = dict(arguments["policy_kwargs"])
    agent = agent_class(**{"policy": "MlpPolicy", "env": env, "seed": 7, "learning_rate": 1e-3, **arguments})
    agent.set_logger(Logger(None, []))
    return agent.learn(96)


def numbers(agent: Any) -> dict[str, Any]:
    states = {name: state for name, state in vars(agent.policy).items() if name.endswith("_state")}
    return {
        **{name: state.params for name, state in states.items()},
        **{f"{name} target": state.target_params for name, state in states.items() if hasattr(state, "target_params")},
        **{f"{name} batch": state.batch_stats for name, state in states.items() if hasattr(state, "batch_stats")},
        "key": agent.key,
        "updates": agent._n_updates,
    }


# Residual CrossQ is left out: a bias before a batch normalization has no gradient but rounding errors, which Adam blows
# up to full steps of either sign, so that two compilations of the same update drift apart.
COMPARABLE = [
    place for place, (ours, _, arguments) in enumerate(CASES) if (ours, "policy" in arguments) != (CrossQ, True)
]


@pytest.mark.parametrize(
    ("ours", "theirs", "arguments"), [CASES[p] for p in COMPARABLE], ids=[NAMES[p] for p in COMPARABLE]
)
def test_the_same_seed_learns_the_same_as_in_sbx(
    ours: Any, theirs: Any, arguments: dict[str, Any], env: VecEnv
) -> None:
    # One after the other, since making an agent seeds numpy's generator and the environment for all.
    reference = with_our_draws(theirs) if issubclass(ours, ChunkedTraining) else theirs
    one, other = (numbers(trained(agent_class, env, **arguments)) for agent_class in (ours, reference))
    assert jax.tree.structure(one) == jax.tree.structure(other)
    pairs = zip(*(jax.tree_util.tree_leaves_with_path(n) for n in (one, other)), strict=True)
    for (path, left), (_, right) in pairs:
        np.testing.assert_allclose(left, right, rtol=2e-4, atol=2e-5, err_msg=jax.tree_util.keystr(path))


@pytest.mark.parametrize(("agent_class", "_", "arguments"), CASES, ids=NAMES)
def test_an_agent_of_known_shapes_compiles_nothing(
    agent_class: Any, _: Any, arguments: dict[str, Any], env: VecEnv
) -> None:
    others = {
        "seed": 8, "learning_rate": 3e-4, "gamma": 0.9,
        **({"max_grad_norm": 0.7, "clip_range": 0.1} if agent_class is PPO else {"policy_delay": 5}),
    }  # fmt: skip

    def live(**changes: Any) -> None:
        agent = trained(agent_class, env, **{**arguments, **changes})
        agent.predict(env.reset(), deterministic=True)

    live()
    with CompilationCounter() as compiled:
        live(**others)
    assert compiled.count == 0


def test_exploration_noise_is_of_the_given_standard_deviation_in_all_environments() -> None:
    wide = DummyVecEnv([lambda: gym.make("Pendulum-v1")] * 64)
    agent = TD3("MlpPolicy", wide, action_noise=ExplorationNoise(0.05, 64, 1), learning_starts=0, gradient_steps=0)
    agent.set_logger(Logger(None, []))
    agent.learn(64 * 100)
    seen = np.asarray(agent.replay_buffer.stored.transitions.observations)[:100]
    acted = np.asarray(agent.replay_buffer.stored.transitions.actions)[:100, :, 0]
    mean = agent.predict(seen.reshape(-1, 3))[0].reshape(100, 64) / 2
    noise = np.where(np.abs(mean) < 0.75, acted - mean, np.nan)  # where nothing is clipped
    assert np.isfinite(noise).mean() > 0.1
    assert np.nanstd(noise) == pytest.approx(0.05, rel=0.05)
    assert abs(np.nanmean(noise)) < 0.005
