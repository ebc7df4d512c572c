"""Steps of environments in arrays of the agent's device: the seam between simulator and agent."""

from typing import Any, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from stable_baselines3.common.vec_env import VecEnv, VecMonitor, VecNormalize


class Stepped(NamedTuple):
    """What one step of all environments gives, each array of shape `(num_envs, ...)`."""

    observations: Any
    """The first of the next episode where one ended; a dictionary of arrays where the task has one."""
    last_observations: Any
    """Those that the step led to, also where an episode ended."""
    rewards: jax.Array
    terminated: jax.Array
    """Ended by the task: nothing follows."""
    truncated: jax.Array
    """Ended by the time limit alone."""
    success: jax.Array | None
    """1 or 0 where an episode ended and the task says (`is_success`), elsewhere NaN; None: it said nothing."""


@runtime_checkable
class StepsOnDevice(Protocol):
    """Vectorized environments that take and give arrays of the device."""

    def step_on_device(self, actions: jax.Array) -> Stepped:
        """Steps all environments with `actions`, shape `(num_envs, action_dim)`."""


def step_on_device(env: VecEnv, actions: jax.Array) -> Stepped:
    """Steps all environments, whether they are on the device or not.

    Observations are the task's own: where `VecNormalize` and `VecMonitor` are around the environments, these see
    nothing of it.
    """
    if isinstance(env, VecMonitor | VecNormalize):
        return step_on_device(env.venv, actions)
    if isinstance(env, StepsOnDevice):
        return env.step_on_device(actions)
    return _step_on_host(env, actions)


def _step_on_host(env: VecEnv, actions: jax.Array) -> Stepped:
    observations, rewards, dones, infos = env.step(np.array(actions))
    truncated, success = np.zeros(env.num_envs, bool), np.full(env.num_envs, np.nan, np.float32)
    # Copies, here and below: on a CPU a JAX array may otherwise share the memory of what the environment goes on with.
    last = jax.tree.map(np.array, observations)
    for number in np.flatnonzero(dones).tolist():
        info = infos[number]
        truncated[number] = info.get("TimeLimit.truncated", False)
        success[number] = info.get("is_success", np.nan)
        if "terminal_observation" in info:
            _put(last, number, info["terminal_observation"])
    said = None if np.isnan(success).all() else success
    answer = observations, last, rewards.astype(np.float32), dones & ~truncated, truncated, said
    return Stepped(*jax.tree.map(jnp.array, answer))


def _put(observations: Any, number: int, one: Any) -> None:
    if isinstance(observations, dict):
        for name, part in observations.items():
            part[number] = one[name]
    else:
        observations[number] = one
