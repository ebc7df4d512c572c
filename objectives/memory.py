"""Whether a run fits into memory, asked before it begins and not found out after minutes."""

import gc
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import psutil
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv

from objectives import cgroups
from objectives.agents.chunked_training import CHUNK
from objectives.errors import TooLargeError

FLOAT = 4
"""Bytes."""
COPIES_ON_DEVICE = 2
"""The chunk in use and the next one."""
ACTIVATIONS = 6
"""Arrays of an update that hold one number per transition and unit: forward, backward, normalization, twice for the
next state."""
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on the host and on the device that computes."""

    host: float
    device: float


def refuse_too_large(hyperparameters: dict[str, Any], env: VecEnv, on_policy: bool) -> None:
    """Raises a `TooLargeError` if the run cannot fit into what is free now.

    Replay buffers are allocated page by page as they fill: without this, the kernel would kill the run minutes later.
    """
    gc.collect()  # the buffer of the run before, which only cycles of references still hold
    needed = memory_needed(hyperparameters, env, on_policy)
    free_host, free_device = free_host_memory(), free_device_memory()
    if free_device is None:  # the device is the host
        _refuse("memory", needed.host + needed.device, free_host, hyperparameters)
    else:
        _refuse("memory of the machine", needed.host, free_host, hyperparameters)
        _refuse("memory of the GPU", needed.device, free_device, hyperparameters)


def memory_needed(hyperparameters: dict[str, Any], env: VecEnv, on_policy: bool) -> Memory:
    """What agent and buffer of a run need at most, estimated from shapes."""
    observation, action = spaces.flatdim(env.observation_space), spaces.flatdim(env.action_space)
    if on_policy:
        rollout = env.num_envs * hyperparameters.get("n_steps", 2048)
        numbers = rollout * (observation + action + 6)  # and reward, start, value, log-probability, advantage, return
        return Memory(host=2 * FLOAT * numbers, device=FLOAT * numbers)
    transition = 2 * observation + action + 3  # and reward, end, discount
    # As they are stored: an image's pixel is one byte, and only a batch of it is made floats of; an end is a byte, too.
    number = min(FLOAT, (env.observation_space.dtype or np.dtype(np.float32)).itemsize)
    stored = 2 * observation * number + FLOAT * (action + 1) + 2
    batch = hyperparameters.get("batch_size", 256)
    chunk = min(CHUNK, hyperparameters.get("gradient_steps", 1)) * batch * transition
    return Memory(
        host=0.0,
        device=hyperparameters.get("buffer_size", 1_000_000) * stored
        + FLOAT * (COPIES_ON_DEVICE * chunk + batch * _numbers_per_transition(hyperparameters)),
    )


def free_host_memory() -> float:
    """Bytes that can be allocated, of the machine or of the container or job this runs in."""
    free = float(psutil.virtual_memory().available)
    within_limits = cgroups.free_memory()
    return free if within_limits is None else min(free, within_limits)


def free_device_memory() -> float | None:
    """Bytes that JAX can still allocate on its GPU; None where it computes on the host."""
    device = jax.devices()[0]
    statistics = None if device.platform == "cpu" else device.memory_stats()
    return None if statistics is None else float(statistics["bytes_limit"] - statistics["bytes_in_use"])


def _numbers_per_transition(hyperparameters: dict[str, Any]) -> float:
    policy_kwargs = hyperparameters.get("policy_kwargs", {})
    net_arch = policy_kwargs.get("net_arch", [256, 256])
    widths = {"pi": net_arch, "qf": net_arch} if isinstance(net_arch, list) else net_arch
    expansion = 4 if hyperparameters.get("policy") == "SimbaPolicy" else 1  # its blocks are four times as wide inside
    critics = policy_kwargs.get("n_critics", 2)
    units = expansion * (sum(widths["pi"]) + critics * sum(widths["qf"]))
    quantiles = policy_kwargs.get("n_quantiles", 0)  # each critic's against those of all
    return float(ACTIVATIONS * (units + critics * quantiles * critics * quantiles))


def _refuse(what: str, needed: float, free: float, hyperparameters: dict[str, Any]) -> None:
    if needed <= free or not np.isfinite(free):
        return
    names = ("buffer_size", "batch_size", "gradient_steps", "n_steps", "n_minibatches")
    sizes = ", ".join(f"{name} {hyperparameters[name]:,}" for name in names if name in hyperparameters)
    raise TooLargeError(f"needs {needed / GIB:.1f} GiB {what}, {free / GIB:.1f} GiB are free ({sizes})")
