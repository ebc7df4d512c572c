"""PPO as in sbx, with shared programs."""

from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, ClassVar

import jax
import numpy as np
import optax
import sbx
from flax.training.train_state import TrainState
from sbx.ppo.policies import PPOPolicy
from stable_baselines3.common.type_aliases import Schedule

from objectives.agents.shared_parts import first_of_its_kind, initial_optimizer_state, plain_apply, set_learning_rate


class SharedPPOPolicy(PPOPolicy):
    """sbx's `PPOPolicy` on shared parts."""

    vf: Any
    actor_state: TrainState
    vf_state: TrainState

    def build(self, key: jax.Array, lr_schedule: Schedule, max_grad_norm: float) -> jax.Array:
        """Makes actor and value function as sbx does; gives the remaining key."""
        key = super().build(key, lr_schedule, max_grad_norm)
        optimizer = _clipping_optimizer(self.optimizer_class, **(self.optimizer_kwargs or {}))
        actor, self.vf = first_of_its_kind(self.actor), first_of_its_kind(self.vf)
        self.actor_state = _train_state(actor, self.actor_state.params, optimizer, lr_schedule(1), max_grad_norm)
        self.vf_state = _train_state(self.vf, self.vf_state.params, optimizer, lr_schedule(1), max_grad_norm)
        return key


class PPO(sbx.PPO):
    """sbx's PPO: same arguments, same updates, shared programs.

    One `train` is not interrupted by the clock: its minibatches are few, and what it runs over is recorded.
    """

    policy_aliases: ClassVar[dict[str, type[PPOPolicy]]] = {"MlpPolicy": SharedPPOPolicy}

    key: jax.Array

    def _update_learning_rate(self, optimizers: Any, learning_rate: float) -> None:
        self.logger.record("train/learning_rate", learning_rate)
        for optimizer in optimizers:
            set_learning_rate(optimizer, learning_rate)


def _train_state(
    module: Any, params: Any, optimizer: optax.GradientTransformation, learning_rate: float, max_grad_norm: float
) -> TrainState:
    opt_state = initial_optimizer_state(optimizer, params)
    clipping, adam = opt_state
    clipping.hyperparams["max_norm"] = np.float32(max_grad_norm)
    set_learning_rate(adam, learning_rate)
    return TrainState(step=np.int32(0), apply_fn=plain_apply(module), params=params, tx=optimizer, opt_state=opt_state)


def _clipping_optimizer(
    optimizer_class: Callable[..., optax.GradientTransformation], **configuration: Hashable
) -> optax.GradientTransformation:
    """Like sbx's chain, with the largest gradient norm as part of its state, too."""
    return _cached_chain(optimizer_class, **dict(sorted(configuration.items())))


@cache
def _cached_chain(
    optimizer_class: Callable[..., optax.GradientTransformation], **configuration: Hashable
) -> optax.GradientTransformation:
    return optax.chain(
        optax.inject_hyperparams(optax.clip_by_global_norm)(max_norm=1.0),
        optax.inject_hyperparams(optimizer_class)(learning_rate=0.0, **configuration),
    )
