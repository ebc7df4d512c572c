"""Policies that were written out act as the agents they come from, whatever algorithm and network."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from stable_baselines3.common.vec_env import VecNormalize

from objectives.action_bounds import BoundedActions
from objectives.agents.factory import make_agent
from objectives.errors import ConfigurationError
from objectives.policies.exporting import export_policy
from objectives.policies.policy_file import Policy, bounds_in_units
from objectives.run_spec import ActionBounds, EnvironmentSpec, RunSpec
from objectives.training import make_training_env, normalized

pytestmark = [pytest.mark.xdist_group("export"), pytest.mark.takes(30)]  # torch's exporter loads for seconds: once

N_OBSERVATIONS = 1000
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("sac", {}),
    ("sac", {"policy_kwargs": {"activation_fn": "elu", "net_arch": [32, 16, 8], "layer_norm": True}}),
    ("sac", {"policy": "SimbaPolicy", "policy_kwargs": {"net_arch": [16, 16]}}),
    ("sac", {"policy": "GaussianPolicy", "policy_kwargs": {"net_arch": [16, 16]}}),
    ("sac", {"policy": "GaussianPolicy", "policy_kwargs": {"net_arch": [16, 16], "state_dependent_std": False}}),
    ("sac", {"initial_action_range": 0.3}),
    ("tqc", {"policy_kwargs": {"activation_fn": "silu"}}),
    ("tqc", {"policy": "SimbaPolicy"}),
    ("crossq", {"policy_kwargs": {"activation_fn": "gelu"}}),
    ("crossq", {"policy": "SimbaPolicy"}),
    ("td3", {"policy_kwargs": {"activation_fn": "tanh"}}),
    ("ppo", {}),
    ("ppo", {"policy_kwargs": {"activation_fn": "gelu"}}),
    ("sb3-ppo", {}),
    ("sb3-ppo", {"policy_kwargs": {"activation_fn": "gelu", "net_arch": [32, 16]}}),
]


def policy_of(algorithm: Any, hyperparameters: dict[str, Any], normalize: bool = True) -> tuple[Policy, Any, Any]:
    """With the agent and its environments; parameters and statistics are none that a fresh agent has."""
    spec = RunSpec(
        environment=EnvironmentSpec(
            backend="gymnasium", task="Pendulum-v1", n_envs=2, action_bounds=ActionBounds(low=-1.5, high=0.5)
        ),
        algorithm=algorithm, hyperparameters=hyperparameters, seed=1, eval_seed=2, budget_s=1, max_steps=1,
        n_eval_episodes=1, normalize=normalize, clip_observations=2.0,
    )  # fmt: skip
    env = normalized(make_training_env(spec.environment, algorithm, 0), spec)
    small = {} if "ppo" in algorithm else {"buffer_size": 10}
    agent = make_agent(algorithm, {**hyperparameters, **small}, env, seed=3)
    policy = Policy.of(agent, env, spec)
    drawn = np.random.default_rng(4)
    for name, array in policy.actor.items():
        if array.dtype == np.float32:
            noise = drawn.normal(size=array.shape).astype(np.float32)
            policy.actor[name] = 1 + np.abs(noise) if name.endswith("var") else array + 0.1 * noise
    if isinstance(env, VecNormalize):
        env.obs_rms.mean, env.obs_rms.var = drawn.normal(size=3), drawn.uniform(0.5, 2, size=3)
        policy = Policy(policy.description, policy.actor, env.obs_rms.mean, env.obs_rms.var)
    return policy, agent, env


def actions_of(policy: Policy, agent: Any, env: Any, observations: np.ndarray) -> np.ndarray:
    """As the environments would get them."""
    from objectives.policies.actor_arrays import write_actor

    write_actor(agent, policy.actor, "the test")
    seen = env.normalize_obs(observations) if isinstance(env, VecNormalize) else observations
    chosen, _ = agent.predict(seen, deterministic=True)
    layer = env
    while hasattr(layer, "venv"):
        if isinstance(layer, BoundedActions):
            return np.clip(layer.low + (chosen + 1.0) * (0.5 * (layer.high - layer.low)), -2, 2)
        layer = layer.venv
    return np.asarray(chosen)


def test_a_policy_whose_range_has_grown_whole_reaches_the_bounds() -> None:
    """Its file holds no range, and its hyperparameters the one it began with."""
    policy, agent, env = policy_of("sac", {"initial_action_range": 0.1})
    del policy.actor["action_range"]
    for name, array in policy.actor.items():
        policy.actor[name] = 10 * array
    actions = actions_of(policy, agent, env, np.random.default_rng(5).normal(size=(100, 3)).astype(np.float32))
    assert np.ptp(actions) > 1.9  # of 2


@pytest.mark.parametrize(("algorithm", "hyperparameters"), KINDS)
def test_onnx_and_torchscript_act_as_the_agent(tmp_path: Path, algorithm: str, hyperparameters: dict[str, Any]) -> None:
    policy, agent, env = policy_of(algorithm, hyperparameters)
    kept = tmp_path / "policy.npz"
    kept.write_bytes(policy.as_bytes())
    observations = np.random.default_rng(5).normal(scale=2, size=(N_OBSERVATIONS, 3)).astype(np.float32)
    wanted = actions_of(policy, agent, env, observations)
    assert np.ptp(wanted) > 0.2

    export_policy(kept, tmp_path / "policy.onnx", {"study": "mine"})
    session = onnxruntime.InferenceSession(tmp_path / "policy.onnx")
    (given,) = session.run(["action"], {"observation": observations})
    np.testing.assert_allclose(given, wanted, atol=1e-4)
    (one,) = session.run(["action"], {"observation": observations[:1]})
    np.testing.assert_allclose(one, wanted[:1], atol=1e-4)
    said = session.get_modelmeta().custom_metadata_map
    assert (said["study"], said["task"], json.loads(said["action_low"])) == ("mine", "Pendulum-v1", [-1.5])

    export_policy(kept, tmp_path / "policy.pt", {})
    files = {"metadata.json": ""}
    with pytest.warns(DeprecationWarning, match="torch.jit"):  # which robots run all the same
        module = torch.jit.load(str(tmp_path / "policy.pt"), _extra_files=files)
    np.testing.assert_allclose(module(torch.as_tensor(observations)).numpy(), wanted, atol=1e-4)
    assert json.loads(files["metadata.json"])["algorithm"] == algorithm
    env.close()


def test_without_normalization_and_with_other_parameters(tmp_path: Path) -> None:
    policy, agent, env = policy_of("sac", {}, normalize=False)
    kept = tmp_path / "policy.npz"
    kept.write_bytes(policy.as_bytes())
    observations = np.random.default_rng(5).normal(scale=5, size=(N_OBSERVATIONS, 3)).astype(np.float32)
    export_policy(kept, tmp_path / "policy.onnx", {})
    session = onnxruntime.InferenceSession(tmp_path / "policy.onnx")
    (given,) = session.run(None, {"observation": observations})
    np.testing.assert_allclose(given, actions_of(policy, agent, env, observations), atol=1e-4)
    env.close()


def test_a_network_that_is_not_written_truly_is_refused(tmp_path: Path) -> None:
    policy, _, env = policy_of("crossq", {"policy_kwargs": {"batch_norm_actor": False}})
    kept = tmp_path / "policy.npz"
    kept.write_bytes(policy.as_bytes())
    with pytest.raises(ConfigurationError, match="would act otherwise than the agent"):
        export_policy(kept, tmp_path / "policy.onnx", {})
    assert not (tmp_path / "policy.onnx").exists()
    env.close()


def test_a_file_gives_the_policy_again(tmp_path: Path) -> None:
    policy, _, env = policy_of("crossq", {})
    again = Policy.read(policy.as_bytes(), "a file")
    assert again.description == policy.description
    assert set(again.actor) == set(policy.actor)
    for name, array in policy.actor.items():
        np.testing.assert_array_equal(again.actor[name], array)
    low, high = bounds_in_units(env)
    assert (policy.description.action_low, policy.description.action_high) == ((-1.5,), (0.5,))
    assert (low, high) == (-1.5, 0.5)
    env.close()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_what_is_no_policy_is_one_line(content: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"it\.npz is no policy that hpo saved"):
        Policy.read(content, "it.npz")


def test_a_policy_of_another_version_says_so() -> None:
    policy, _, env = policy_of("sac", {})
    newer = policy.description.model_dump_json().replace('"version":1', '"version":2')
    from objectives.policies import description

    class Newer:
        def model_dump_json(self) -> str:
            return newer

    content = description.pack(Newer(), policy.actor)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"another version of hpo \(fields version\)"):
        Policy.read(content, "it.npz")
    env.close()
