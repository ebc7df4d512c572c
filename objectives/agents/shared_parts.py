"""Modules and optimizers that all agents of a process share.

JAX finds a compiled program again by its static arguments, and a train state holds two: the network's `apply` and the
optimizer. sbx makes new ones for each agent, so each agent compiles everything again. Here equal configurations get
the same objects, and what differs between agents (parameters, learning rates) is traced.
"""

import inspect
from collections.abc import Callable, Hashable
from dataclasses import fields
from functools import cache, lru_cache, partial
from types import MethodType
from typing import Any, ClassVar

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.training.train_state import TrainState
from stable_baselines3.common.type_aliases import Schedule

Optimizer = Callable[..., optax.GradientTransformation]

_modules: dict[Hashable, nn.Module] = {}


@cache
def shared_module(module_class: type[nn.Module], **configuration: Hashable) -> nn.Module:
    """The one module of this class and configuration."""
    return module_class(**configuration)


def first_of_its_kind(module: nn.Module) -> nn.Module:
    """The first module of this process that was configured like `module`."""
    configuration = [(f.name, _hashable(getattr(module, f.name))) for f in fields(module) if f.name != "parent"]
    return _modules.setdefault((type(module), *configuration), module)


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
    opt_state = initial_optimizer_state(optimizer, params)
    set_learning_rate(opt_state, learning_rate)
    # A numpy integer: Python's 0 has a weak type, and after the first update a strong one would mean a new program.
    return committed(
        state_class(
            step=np.int32(0), apply_fn=plain_apply(module), params=params, tx=optimizer, opt_state=opt_state, **others
        )
    )


def with_shared_parts[State: TrainState](
    state: State, module: nn.Module, optimizer: optax.GradientTransformation, learning_rate: float
) -> State:
    """A fresh `state`, as sbx built it on a module of its own, with the shared `module` and `optimizer`."""
    others = {f.name: getattr(state, f.name) for f in fields(state)}
    for name in ("step", "apply_fn", "params", "tx", "opt_state"):
        del others[name]
    return train_state(type(state), module, state.params, optimizer, learning_rate, **others)


def also_takes(function: Callable[..., Any], **defaults: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a function that takes all that `function` does, and more, the signature that says so.

    Names of hyperparameters are checked against signatures.
    """

    def sign(own: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(function)
        more = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=d) for name, d in defaults.items()]
        theirs = [parameter for name, parameter in signature.parameters.items() if name not in defaults]
        own.__signature__ = signature.replace(parameters=[*theirs, *more])  # type: ignore[attr-defined]
        return own

    return sign


class SharedBuild:
    """Before one of sbx's policies: actor and critics are made as sbx makes them, and get shared parts."""

    critic_states: ClassVar[tuple[str, ...]] = ("qf_state",)
    actor: Any
    qf: Any
    actor_state: Any
    optimizer_class: Any
    optimizer_kwargs: Any

    def build(self, key: jax.Array, lr_schedule: Schedule, qf_learning_rate: float) -> jax.Array:
        """Makes actor and critics; gives the remaining key."""
        key = super().build(key, lr_schedule, qf_learning_rate)  # type: ignore[misc]
        optimizer = shared_optimizer(self.optimizer_class, **(self.optimizer_kwargs or {}))
        # `self.actor` stays: sbx hangs this policy's own exploration on it.
        actor, self.qf = first_of_its_kind(self.actor), first_of_its_kind(self.qf)
        self.actor_state = with_shared_parts(self.actor_state, actor, optimizer, lr_schedule(1))
        for name in self.critic_states:
            setattr(self, name, with_shared_parts(getattr(self, name), self.qf, optimizer, qf_learning_rate))
        return key


def plain_apply(module: nn.Module) -> Callable[..., Any]:
    """The method `apply` of `module`'s class: sbx hides it behind a compiled one that takes no static arguments."""
    return MethodType(nn.Module.apply, module)


def set_learning_rate(opt_state: Any, learning_rate: float) -> None:
    """Changes the learning rate inside an optimizer state of `shared_optimizer`."""
    opt_state.hyperparams["learning_rate"] = on_device(float(learning_rate))


def committed[Tree](arrays: Tree) -> Tree:
    """`arrays` bound to the device, as those are that come from a simulator: a program is compiled for each kind."""
    bound: Tree = jax.device_put(arrays, jax.devices()[0])
    return bound


@lru_cache(maxsize=1024, typed=True)
def on_device(number: float) -> jax.Array:
    """A whole or a real number as an array of the device, moved there once."""
    return committed(jnp.asarray(np.int32(number) if isinstance(number, int) else np.float32(number)))


@partial(jax.jit, static_argnames="module")
def initial_parameters(module: nn.Module, rngs: Any, *inputs: np.ndarray[Any, Any]) -> Any:
    """Parameters of `module` for `inputs`."""
    return module.init(rngs, *inputs)


@partial(jax.jit, static_argnames="optimizer")
def initial_optimizer_state(optimizer: optax.GradientTransformation, params: Any) -> Any:
    """The state of `optimizer` before its first update."""
    state = optimizer.init(params)
    # Explicit types: optax leaves hyperparameters weakly typed at first, which would be one more program.
    return jax.tree.map(lambda leaf: jax.lax.convert_element_type(leaf, jnp.asarray(leaf).dtype), state)


def _hashable(value: Any) -> Hashable:
    if isinstance(value, np.ndarray | list | tuple):
        return tuple(_hashable(part) for part in value)
    return value
