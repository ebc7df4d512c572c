"""Writes a kept policy as ONNX or TorchScript, to run without hpo, JAX or Isaac Lab."""

import json
import warnings
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from objectives.agents.factory import AGENT_KINDS
from objectives.errors import ConfigurationError
from objectives.policies.acting import acting_agent, in_units
from objectives.policies.description import Description
from objectives.policies.policy_file import Policy
from objectives.policies.torch_network import PolicyModule

N_CHECKED = 1000
"""Observations on which the written network and the agent must agree."""
TOLERANCE = 1e-4
"""Of the range between the bounds: float32, summed in another order."""
_ONNX = ".onnx"


def export_policy(policy: Path, out: Path, about: dict[str, str]) -> None:
    """Writes the policy in file `policy` to `out`, once it is seen to act as the agent does.

    Normalization and bounds are inside: the observation is the task's own, and so is the action. The metadata say what
    each number means.

    Args:
        policy: A kept policy.
        out: ONNX if it ends in .onnx, else TorchScript.
        about: More for the metadata.

    Raises:
        ConfigurationError: It is no policy, its network is not known here, or ONNX is not installed.
    """
    read = Policy.read(policy.read_bytes(), str(policy))
    module = PolicyModule(read).eval()
    _refuse_differences(module, read)
    said = metadata(read, about)
    write = _write_onnx if out.suffix == _ONNX else _write_torchscript
    write(module, read, out, said)


def metadata(policy: Policy, about: dict[str, str]) -> dict[str, str]:
    """What the numbers of observation and action are, as texts; lists and dictionaries as JSON."""
    said = policy.description
    return {
        **about,
        "task": said.run.environment.task,
        "algorithm": said.run.algorithm,
        "observation_parts": json.dumps(said.observation_parts),
        "action_names": json.dumps(said.action_names),
        "action_low": json.dumps(said.action_low),
        "action_high": json.dumps(said.action_high),
        **_of_the_task(said),
        "normalization": "inside: give observations as the task does",
    }


def _of_the_task(said: Description) -> dict[str, str]:
    """What belongs to the task, where it is known or not the task's own."""
    environment = said.run.environment
    told = {
        **({} if said.interface is None else said.interface.model_dump(mode="json", exclude_none=True)),
        "physics": environment.physics,
        "max_episode_steps": environment.max_episode_steps,
        "env_kwargs": environment.env_kwargs or None,
    }
    known = {name: value for name, value in told.items() if value is not None}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in known.items()}


def example_observations(policy: Policy, n: int) -> NDArray[np.float32]:
    """`n` observations as the policy may have seen them: spread around their means."""
    said = policy.description
    mean = np.zeros(said.observation_shape) if policy.observation_mean is None else policy.observation_mean
    std = 1.0 if policy.observation_variance is None else np.sqrt(policy.observation_variance)
    drawn = np.random.default_rng(0).normal(size=(n, *said.observation_shape))
    return (mean + 2 * std * drawn).astype(np.float32)


def agents_actions(policy: Policy, observations: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the agent does, in the task's units: network and normalization as they were in training."""
    said = policy.description
    if AGENT_KINDS[said.run.algorithm].on_policy:
        low, high = (
            np.array(ends, np.float32).reshape(said.action_shape) for ends in (said.action_low, said.action_high)
        )
    else:
        low, high = -np.ones(said.action_shape, np.float32), np.ones(said.action_shape, np.float32)
    env = DummyVecEnv([lambda: _SpacesOnly(said.observation_shape, spaces.Box(low, high))])
    agent, seen = acting_agent(policy, env, "the policy")
    normal = seen.normalize_obs(observations) if isinstance(seen, VecNormalize) else observations
    chosen, _ = agent.predict(normal, deterministic=True)
    return in_units(chosen, said)


def _refuse_differences(module: PolicyModule, policy: Policy) -> None:
    observations = example_observations(policy, N_CHECKED)
    with torch.no_grad():
        written = module(torch.as_tensor(observations)).numpy()
    off = np.abs(written - agents_actions(policy, observations)) / (module.high - module.low).numpy()
    if not (off < TOLERANCE).all():
        raise ConfigurationError(
            f"the policy's network is not known to hpo export: written out, it would act otherwise than the agent (by "
            f"{100 * float(off.max()):.2g} % of an action's range)"
        )


def _write_onnx(module: PolicyModule, policy: Policy, out: Path, said: dict[str, str]) -> None:
    try:
        import onnx
        import onnxscript  # noqa: F401  (torch's exporter needs it)
    except ImportError as error:
        raise ConfigurationError(f"ONNX needs more packages: pip install 'hpo[onnx]' ({error})") from error
    example = torch.as_tensor(example_observations(policy, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's exporter about itself
        program = torch.onnx.export(
            module,
            (example,),
            input_names=["observation"],
            output_names=["action"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    onnx.helper.set_model_props(model, said)
    onnx.checker.check_model(model)
    out.write_bytes(model.SerializeToString())


def _write_torchscript(module: PolicyModule, policy: Policy, out: Path, said: dict[str, str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated, and what robots run
        traced = torch.jit.trace(  # type: ignore[no-untyped-call]
            module, torch.as_tensor(example_observations(policy, 2))
        )
        torch.jit.save(traced, str(out), _extra_files={"metadata.json": json.dumps(said)})


class _SpacesOnly(gym.Env[Any, Any]):
    """An environment that is never stepped: an agent asks it for its spaces."""

    def __init__(self, observation_shape: tuple[int, ...], action_space: spaces.Box) -> None:
        self.observation_space = spaces.Box(-np.inf, np.inf, observation_shape, np.float32)
        self.action_space = action_space
