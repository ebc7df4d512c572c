"""torch tensors to JAX arrays and back without a copy through the host, and what must not be shared between them."""

from typing import Any

import jax
import jax.numpy as jnp
import torch
from torch.utils.dlpack import from_dlpack

from objectives.environments.on_device import Stepped


def to_torch(array: jax.Array, device: str) -> torch.Tensor:
    """`array` as a tensor of the simulator's device. It shares memory where the devices are one: do not write to it."""
    return from_dlpack(array).to(device=device, dtype=torch.float32)


def stepped(
    observations: Any, last_observations: Any, rewards: torch.Tensor, terminated: torch.Tensor, truncated: torch.Tensor
) -> Stepped:
    """What Isaac Lab's step gives, as JAX arrays that no later step changes.

    Isaac Lab gives its own buffers of rewards and ends, and writes the next step's into them; which of a task's
    observations are views of the simulator's state is the task's affair. So all is cloned, on its device.
    """
    clones = jax.tree.map(kept, (observations, last_observations, rewards, terminated, truncated))
    if clones[2].device.type == "cuda" and jax.default_backend() == "cpu":
        clones = jax.tree.map(lambda tensor: tensor.cpu(), clones)
    return _joined(*jax.tree.map(jnp.from_dlpack, clones))


def kept(tensor: torch.Tensor) -> torch.Tensor:
    """What `tensor` holds now, in an order that JAX can read."""
    return tensor.detach().clone(memory_format=torch.contiguous_format)


@jax.jit
def _joined(
    observations: Any, last_observations: Any, rewards: jax.Array, terminated: jax.Array, truncated: jax.Array
) -> Stepped:
    ended = terminated | truncated

    def where_ended(last: jax.Array, first: jax.Array) -> jax.Array:
        return jnp.where(ended.reshape(-1, *[1] * (first.ndim - 1)), last, first)

    last = jax.tree.map(where_ended, last_observations, observations)
    return Stepped(observations, last, rewards.astype(jnp.float32), terminated, truncated & ~terminated, None)
