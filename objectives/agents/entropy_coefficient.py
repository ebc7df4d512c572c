"""The entropy coefficient on shared parts: learned or constant, its value is never part of a program."""

from typing import Any, ClassVar

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.training.train_state import TrainState
from sbx.common.off_policy_algorithm import OffPolicyAlgorithmJax

from objectives.agents.shared_parts import shared_module, shared_optimizer, train_state


class FixedEntropyCoef(nn.Module):
    """A constant entropy coefficient that is read from its parameter, so that it is no part of the program."""

    @nn.compact  # type: ignore[untyped-decorator]
    def __call__(self) -> jax.Array:
        """The coefficient; its gradient is zero, so that the optimizer leaves it alone."""
        return jax.lax.stop_gradient(self.param("dummy_param", lambda _: jnp.zeros(())))


class SharedEntropyCoefficient(OffPolicyAlgorithmJax):
    """Puts sbx's entropy coefficient on the shared module and optimizer; to be mixed in before sbx's algorithm."""

    learned_coefficient: ClassVar[type[nn.Module]]
    """sbx's module of a learned coefficient, which each of its algorithms has of its own."""

    target_entropy: np.float32
    ent_coef_state: TrainState

    def _setup_model(self) -> None:
        loaded = getattr(self, "policy", None) is not None
        super()._setup_model()
        self.target_entropy = np.float32(self.target_entropy)
        if loaded:
            return
        learned = isinstance(self.ent_coef, self.learned_coefficient)
        module_class: Any = self.learned_coefficient if learned else FixedEntropyCoef
        self.ent_coef_state = train_state(
            TrainState,
            shared_module(module_class),
            {name: np.float32(value) for name, value in self.ent_coef_state.params.items()},
            shared_optimizer(optax.adam),
            self.lr_schedule(1),
        )
