"""Hyperparameters of ours become what sbx and Stable-Baselines3 take."""

from typing import Any

import gymnasium as gym
import pytest
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from objectives.agents.factory import make_agent
from objectives.agents.hyperparameters import FINAL_LEARNING_RATE, constructor_arguments
from objectives.errors import ConfigurationError


@pytest.fixture(scope="module")
def env() -> VecEnv:
    return DummyVecEnv([lambda: gym.make("Pendulum-v1")] * 4)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"ent_coef": "auto_0.01", "ent_coef_learned": False}, {"ent_coef": 0.01}),
        ({"ent_coef": "auto_0.01", "ent_coef_learned": True}, {"ent_coef": "auto_0.01"}),
        ({"ent_coef": 0.2, "ent_coef_learned": True}, {"ent_coef": "auto_0.2"}),
        ({"ent_coef_learned": False}, {"ent_coef": 1.0}),
        ({"target_entropy_scale": 0.5}, {"target_entropy": -0.5}),
        ({"n_steps": 16, "n_minibatches": 4}, {"n_steps": 16, "batch_size": 16}),
        ({"learning_rate": 1e-3, "learning_rate_schedule": "constant"}, {"learning_rate": 1e-3}),
    ],
)
def test_ours_are_replaced(given: dict[str, Any], taken: dict[str, Any], env: VecEnv) -> None:
    assert constructor_arguments(given, env) == taken


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"learning_rate_schedule": "cosine"}, "known are constant, linear"),
        ({"n_steps": 2, "n_minibatches": 8}, "8 minibatches of a rollout of 8 transitions"),
    ],
)
def test_impossible_ones_are_refused(given: dict[str, Any], message: str, env: VecEnv) -> None:
    with pytest.raises(ConfigurationError, match=message):
        constructor_arguments(given, env)


def test_a_linear_schedule_reaches_its_end_after_its_part_of_the_steps_and_stays_there(env: VecEnv) -> None:
    agent = make_agent("sac", {"learning_rate": 1e-3, "learning_rate_schedule": "linear"}, env, seed=0)
    rates = {steps: agent.lr_schedule(1 - steps / 800) for steps in (40, 80, 160, 400)}
    # It ends after 15 % of 800 steps.
    assert rates[40] == pytest.approx(1e-3 + (FINAL_LEARNING_RATE - 1e-3) / 3)
    assert rates[80] == pytest.approx(1e-3 + (FINAL_LEARNING_RATE - 1e-3) * 2 / 3)
    assert rates[160] == rates[400] == FINAL_LEARNING_RATE


@pytest.mark.parametrize(("algorithm", "where"), [("sac", "qf_state"), ("tqc", "qf2_state"), ("td3", "qf_state")])
def test_training_follows_the_schedule(algorithm: Any, where: str, env: VecEnv) -> None:
    agent = make_agent(
        algorithm,
        {
            "learning_rate": 1e-3, "learning_rate_schedule": "linear", "learning_starts": 0, "buffer_size": 1000,
            "batch_size": 8, "gradient_steps": 1, "policy_kwargs": {"net_arch": [8]},
        },
        env,
        seed=0,
    ).learn(80)  # fmt: skip
    for state in (agent.policy.actor_state, getattr(agent.policy, where)):
        assert float(state.opt_state.hyperparams["learning_rate"]) == pytest.approx(FINAL_LEARNING_RATE)


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters", "message"),
    [
        ("ppo", {"tau": 0.1}, "ppo has no hyperparameter tau"),
        ("crossq", {"tau": 0.1}, "crossq has no hyperparameter tau"),
        ("td3", {"ent_coef_learned": True}, "td3 has no hyperparameter ent_coef_learned"),
        ("td3", {"policy": "SimbaPolicy"}, "td3 knows MlpPolicy"),
        ("sb3-ppo", {"policy_kwargs": {"layer_norm": True}}, "sb3-ppo has no hyperparameter policy_kwargs.layer_norm"),
        ("tqc", {"policy_kwargs": {"activation_fn": "relo"}}, "known are relu, elu"),
        ("sac", {"seed": 1}, "sac has no hyperparameter seed"),
    ],
)
def test_names_that_an_algorithm_does_not_know_are_refused(
    algorithm: Any, hyperparameters: dict[str, Any], message: str, env: VecEnv
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make_agent(algorithm, hyperparameters, env, seed=0)
