"""The arrays of an agent's actor by name: read from one agent, and put into another of the same shape."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from flax.traverse_util import flatten_dict, unflatten_dict
from numpy.typing import NDArray
from sbx.common.policies import BaseJaxPolicy
from stable_baselines3.common.base_class import BaseAlgorithm

from objectives.agents.shared_parts import committed
from objectives.errors import ConfigurationError

_BATCH_STATISTICS = "batch_stats"
"""CrossQ's actor has them beside its parameters."""
ACTION_RANGE = "action_range"
"""How far the actions of SAC reach, where training ended before they reached the bounds."""


def read_actor(agent: BaseAlgorithm) -> dict[str, NDArray[Any]]:
    """Name -> array of everything that decides the agent's actions; of sb3-ppo also what else its policy has."""
    policy = agent.policy
    if not isinstance(policy, BaseJaxPolicy):
        return {name: tensor.detach().cpu().numpy() for name, tensor in policy.state_dict().items()}
    arrays = {"/".join(path): np.asarray(leaf) for path, leaf in flatten_dict(_trees(policy)).items()}
    reach = getattr(policy, ACTION_RANGE, 1.0)
    return arrays if reach == 1 else {**arrays, ACTION_RANGE: np.array(reach, np.float32)}


def write_actor(agent: BaseAlgorithm, arrays: dict[str, NDArray[Any]], where: str) -> None:
    """Puts `arrays` into the agent.

    Raises:
        ConfigurationError: They are of a network of another shape.
    """
    policy = agent.policy
    if ACTION_RANGE in arrays:
        policy.action_range = float(arrays[ACTION_RANGE])
        arrays = {name: array for name, array in arrays.items() if name != ACTION_RANGE}
    elif hasattr(policy, ACTION_RANGE):
        policy.action_range = 1.0
    there = {name: array.shape for name, array in read_actor(agent).items() if name != ACTION_RANGE}
    given = {name: array.shape for name, array in arrays.items()}
    if there != given:
        (name, shape) = next(iter(set(given.items()) ^ set(there.items())))
        raise ConfigurationError(f"{where} is of another network than its hyperparameters give ({name} {shape})")
    if not isinstance(policy, BaseJaxPolicy):
        policy.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
        return
    typed = {tuple(name.split("/")): array for name, array in arrays.items()}
    trees = committed(jax.tree.map(lambda old, new: jnp.asarray(new, old.dtype), _trees(policy), unflatten_dict(typed)))
    policy.actor_state = policy.actor_state.replace(**trees)


def _trees(policy: BaseJaxPolicy) -> dict[str, Any]:
    state = policy.actor_state
    statistics = getattr(state, _BATCH_STATISTICS, None)
    return {"params": state.params, **({} if statistics is None else {_BATCH_STATISTICS: statistics})}
