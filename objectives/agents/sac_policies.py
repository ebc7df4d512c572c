"""sbx's SAC policies on modules and optimizers that all agents of a process share."""

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import jax
import numpy as np
from flax.training.train_state import TrainState
from gymnasium import spaces
from numpy.typing import NDArray
from sbx.common.type_aliases import RLTrainState
from sbx.sac.policies import SACPolicy, SimbaSACPolicy
from stable_baselines3.common.type_aliases import Schedule

from objectives.agents.gaussian_policy import GaussianActor
from objectives.agents.initialization import drawn_again
from objectives.agents.shared_parts import (
    also_takes,
    initial_parameters,
    on_device,
    shared_module,
    shared_optimizer,
    train_state,
)
from objectives.agents.standard_deviation import CLIP, BoundedActor


class _SharedBuild(SACPolicy):
    """Builds the networks of sbx's `SACPolicy` from shared parts; the same seed gives the same parameters."""

    initialization: str | None = None
    """Of `INITIALIZERS`; None: as sbx has it."""
    actor_configuration: Mapping[str, Hashable] = MappingProxyType({})
    """What the actor's module is made with besides."""
    action_range: float = 1.0
    """How far its actions reach now, where 1 are the bounds: SAC's `initial_action_range`."""

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
            **self.actor_configuration,
        )
        actor_parameters = self._initialized(initial_parameters(actor, actor_key, observation), actor_key)
        self.actor_state = train_state(TrainState, actor, actor_parameters, optimizer, lr_schedule(1))
        self.qf = shared_module(
            self.vector_critic_class,
            dropout_rate=self.dropout_rate,
            use_layer_norm=self.layer_norm,
            net_arch=tuple(self.net_arch_qf),
            n_critics=self.n_critics,
            activation_fn=self.activation_fn,
        )
        qf_parameters = initial_parameters(self.qf, {"params": qf_key, "dropout": dropout_key}, observation, action)
        qf_parameters = self._initialized(qf_parameters, qf_key)
        self.qf_state = train_state(
            RLTrainState, self.qf, qf_parameters, optimizer, qf_learning_rate, target_params=qf_parameters
        )
        self.actor = _Exploration(self)
        return key

    def _initialized(self, parameters: Any, key: jax.Array) -> Any:
        return parameters if self.initialization is None else drawn_again(self.initialization, parameters, key)

    def _predict(self, observation: NDArray[np.float32], deterministic: bool = False) -> jax.Array:
        actor, reach = self.actor_state, on_device(float(self.action_range))
        if deterministic:
            return _mode(actor.apply_fn, actor.params, observation, reach)
        if not self.use_sde:
            self.reset_noise()
        return _sample(actor.apply_fn, actor.params, observation, reach, self.noise_key)


class SharedSACPolicy(_SharedBuild):
    """sbx's `SACPolicy` from shared parts, with four arguments more.

    Args:
        args: Of sbx's.
        initialization: How the weights begin, of `INITIALIZERS`; None: as sbx has it.
        log_std_bound: What keeps the standard deviation in its range, of `LOG_STD_BOUNDS`.
        log_std_min: Smallest logarithm of the standard deviation.
        log_std_max: Largest one.
        kwargs: Of sbx's.

    Raises:
        ValueError: The range is none.
    """

    @also_takes(SACPolicy.__init__, initialization=None, log_std_bound=CLIP, log_std_min=-20.0, log_std_max=2.0)
    def __init__(
        self,
        *args: Any,
        initialization: str | None = None,
        log_std_bound: str = CLIP,
        log_std_min: float = -20.0,
        log_std_max: float = 2.0,
        **kwargs: Any,
    ) -> None:
        if log_std_min >= log_std_max:
            raise ValueError(f"log_std_min {log_std_min:g} is not below log_std_max {log_std_max:g}")
        super().__init__(*args, **kwargs)
        self.initialization = initialization
        self.actor_configuration = {"log_std_min": float(log_std_min), "log_std_max": float(log_std_max)}
        if log_std_bound != CLIP:
            self.actor_class = BoundedActor
            self.actor_configuration["log_std_bound"] = log_std_bound


class SharedSimbaSACPolicy(_SharedBuild, SimbaSACPolicy):
    """sbx's `SimbaSACPolicy` from shared parts."""


class SharedGaussianSACPolicy(_SharedBuild):
    """A Gaussian that is not squashed: 1 and -1 are the bounds, and it goes beyond them.

    Args:
        args: Of sbx's `SACPolicy`.
        state_dependent_std: Whether the standard deviation depends on the observation, as SAC's does; else it is a
            parameter for each action dimension, as PPO's is.
        log_std_init: The logarithm of the standard deviation at the start.
        log_std_min: Smallest one.
        log_std_max: Largest one.
        kwargs: Of sbx's `SACPolicy`.

    Raises:
        ValueError: `log_std_min` and `log_std_max` are no range, or `log_std_init` lies outside of it.
    """

    @also_takes(SACPolicy.__init__, state_dependent_std=True, log_std_init=0.0, log_std_min=-20.0, log_std_max=2.0)
    def __init__(
        self,
        *args: Any,
        state_dependent_std: bool = True,
        log_std_init: float = 0.0,
        log_std_min: float = -20.0,
        log_std_max: float = 2.0,
        **kwargs: Any,
    ) -> None:
        if not log_std_min <= log_std_init <= log_std_max or log_std_min == log_std_max:
            raise ValueError(
                f"log_std_init {log_std_init:g} is not between log_std_min {log_std_min:g} and log_std_max "
                f"{log_std_max:g}"
            )
        super().__init__(*args, **kwargs)
        self._squash_output = False
        self.actor_class = GaussianActor
        self.actor_configuration = {
            "state_dependent_std": bool(state_dependent_std),
            "log_std_init": float(log_std_init),
            "log_std_min": float(log_std_min),
            "log_std_max": float(log_std_max),
        }

    def predict(
        self,
        observation: Any,
        state: tuple[NDArray[np.float32], ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,  # noqa: ARG002  (Stable-Baselines3's signature)
        deterministic: bool = False,
    ) -> tuple[NDArray[np.float32], tuple[NDArray[np.float32], ...] | None]:
        """As Stable-Baselines3's, which would clip the actions to the bounds."""
        observation, vectorized = self.prepare_obs(observation)
        shares = np.array(self._predict(observation, deterministic)).reshape(-1, *self.action_space.shape)
        actions = self.unscale_action(shares)
        return actions if vectorized else actions[0], state


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


@partial(jax.jit, static_argnames="apply_fn")
def _mode(apply_fn: Callable[..., Any], params: Any, observations: NDArray[np.float32], reach: jax.Array) -> jax.Array:
    return reach * apply_fn(params, observations).mode()


@partial(jax.jit, static_argnames="apply_fn")
def _sample(
    apply_fn: Callable[..., Any], params: Any, observations: NDArray[np.float32], reach: jax.Array, key: jax.Array
) -> jax.Array:
    return reach * apply_fn(params, observations).sample(seed=key)
