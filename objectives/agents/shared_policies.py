"""sbx's policies on modules and optimizers that all agents of a process share.

JAX finds a compiled program again by its static arguments, and a train state holds two: the network's `apply` and the
optimizer. sbx makes new ones for each agent, so each agent compiles everything again. Here equal configurations get
the same objects, and what differs between agents (parameters, learning rates) is traced.
"""

from collections.abc import Callable, Hashable
from functools import cache, partial
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.training.train_state import TrainState
from gymnasium import spaces
from numpy.typing import NDArray
from sbx.common.type_aliases import RLTrainState
from sbx.sac.policies import SACPolicy, SimbaSACPolicy
from stable_baselines3.common.type_aliases import Schedule

Optimizer = Callable[..., optax.GradientTransformation]


@cache
def shared_module(module_class: type[nn.Module], **configuration: Hashable) -> nn.Module:
    """The one module of this class and configuration."""
    return module_class(**configuration)


def shared_optimizer(optimizer_class: Optimizer, **configuration: Hashable) -> optax.GradientTransformation:
    """The one optimizer of this class and configuration; its learning rate is part of its state."""
    # Sorted, since the cache takes another order of the same arguments for something else.
    return _optimizer(optimizer_class, **dict(sorted(configuration.items())))


@cache
def _optimizer(optimizer_class: Optimizer, **configuration: Hashable) -> optax.GradientTransformation:
    return optax.inject_hyperparams(optimizer_class)(learning_rate=0.0, **configuration)


def train_state[State: TrainState](
    state_class: type[State], module: nn.Module, params: Any, optimizer: optax.GradientTransformation,
    learning_rate: float, **others: Any,
) -> State:  # fmt: skip
    """A fresh train state whose learning rate is `learning_rate`."""
    opt_state = _initial_optimizer_state(optimizer, params)
    set_learning_rate(opt_state, learning_rate)
    # A numpy integer: Python's 0 has a weak type, and after the first update a strong one would mean a new program.
    return state_class(
        step=np.int32(0), apply_fn=module.apply, params=params, tx=optimizer, opt_state=opt_state, **others
    )


def set_learning_rate(opt_state: Any, learning_rate: float) -> None:
    """Changes the learning rate inside an optimizer state of `shared_optimizer`."""
    opt_state.hyperparams["learning_rate"] = np.float32(learning_rate)


class _SharedBuild(SACPolicy):
    """Builds the networks of sbx's `SACPolicy` from shared parts; the same seed gives the same parameters."""

    def build(self, key: jax.Array, lr_schedule: Schedule, qf_learning_rate: float) -> jax.Array:
        """Makes actor and critics; gives the remaining key. The keys are split as in sbx."""
        key, actor_key, qf_key, dropout_key = jax.random.split(key, 4)
        key, self.key = jax.random.split(key, 2)
        self.reset_noise()
        observation = np.zeros((1, spaces.flatdim(self.observation_space)), np.float32)
        # Drawn and not zeros, as in sbx: the same seed then gives the same random actions of the warm-up, too.
        action = self.action_space.sample().reshape(1, -1)

        optimizer = shared_optimizer(self.optimizer_class, **(self.optimizer_kwargs or {}))
        actor = shared_module(
            self.actor_class,
            action_dim=action.shape[1],
            net_arch=tuple(self.net_arch_pi),
            activation_fn=self.activation_fn,
        )
        self.actor_state = train_state(
            TrainState, actor, _initial_parameters(actor, actor_key, observation), optimizer, lr_schedule(1)
        )
        self.qf = shared_module(
            self.vector_critic_class,
            dropout_rate=self.dropout_rate,
            use_layer_norm=self.layer_norm,
            net_arch=tuple(self.net_arch_qf),
            n_critics=self.n_critics,
            activation_fn=self.activation_fn,
        )
        qf_parameters = _initial_parameters(self.qf, {"params": qf_key, "dropout": dropout_key}, observation, action)
        self.qf_state = train_state(
            RLTrainState, self.qf, qf_parameters, optimizer, qf_learning_rate, target_params=qf_parameters
        )
        self.actor = _Exploration(self)
        return key

    def _predict(self, observation: NDArray[np.float32], deterministic: bool = False) -> jax.Array:
        if deterministic:
            return _mode(self.actor_state.apply_fn, self.actor_state.params, observation)
        if not self.use_sde:
            self.reset_noise()
        return _sample(self.actor_state.apply_fn, self.actor_state.params, observation, self.noise_key)


class SharedSACPolicy(_SharedBuild):
    """sbx's `SACPolicy` from shared parts."""


class SharedSimbaSACPolicy(_SharedBuild, SimbaSACPolicy):
    """sbx's `SimbaSACPolicy` from shared parts."""


class _Exploration:
    """What Stable-Baselines3 asks of `agent.actor`; sbx hangs it on the module, which here is shared."""

    def __init__(self, policy: SACPolicy) -> None:
        self._policy = policy

    def reset_noise(self, batch_size: int = 1) -> None:
        """Draws new exploration noise (gSDE)."""
        self._policy.reset_noise(batch_size)

    def get_std(self) -> NDArray[np.float32]:
        """The standard deviation that is logged with gSDE: zero, as in sbx."""
        return np.zeros((), np.float32)


@partial(jax.jit, static_argnames="module")
def _initial_parameters(module: nn.Module, rngs: Any, *inputs: NDArray[np.float32]) -> Any:
    return module.init(rngs, *inputs)


@partial(jax.jit, static_argnames="optimizer")
def _initial_optimizer_state(optimizer: optax.GradientTransformation, params: Any) -> Any:
    state = optimizer.init(params)
    # Explicit types: optax leaves hyperparameters weakly typed at first, which would be one more program.
    return jax.tree.map(lambda leaf: jax.lax.convert_element_type(leaf, jnp.asarray(leaf).dtype), state)


@partial(jax.jit, static_argnames="apply_fn")
def _mode(apply_fn: Callable[..., Any], params: Any, observations: NDArray[np.float32]) -> jax.Array:
    return apply_fn(params, observations).mode()


@partial(jax.jit, static_argnames="apply_fn")
def _sample(apply_fn: Callable[..., Any], params: Any, observations: NDArray[np.float32], key: jax.Array) -> jax.Array:
    return apply_fn(params, observations).sample(seed=key)
