"""The entropy coefficient on shared parts: learned or constant, its value is never part of a program."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.training.train_state import TrainState

from objectives.agents.shared_parts import shared_module, shared_optimizer, train_state


class FixedEntropyCoef(nn.Module):
    """A constant entropy coefficient that is read from its parameter, so that it is no part of the program."""

    @nn.compact  # type: ignore[untyped-decorator]
    def __call__(self) -> jax.Array:
        """The coefficient; its gradient is zero, so that the optimizer leaves it alone."""
        return jax.lax.stop_gradient(self.param("dummy_param", lambda _: jnp.zeros(())))


def shared_entropy_coefficient(agent: Any, learned_class: type[nn.Module]) -> TrainState:
    """The state of `agent`'s entropy coefficient, as sbx built it, on the shared module and optimizer.

    Args:
        agent: Has `ent_coef`, `ent_coef_state` and `lr_schedule`.
        learned_class: sbx's module of a learned coefficient, which each of its algorithms has of its own.
    """
    module_class: Any = learned_class if isinstance(agent.ent_coef, learned_class) else FixedEntropyCoef
    return train_state(
        TrainState,
        shared_module(module_class),
        {name: np.float32(value) for name, value in agent.ent_coef_state.params.items()},
        shared_optimizer(optax.adam),
        agent.lr_schedule(1),
    )
