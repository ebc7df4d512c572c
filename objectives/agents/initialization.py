"""How the weights of a network begin, by name: sbx has flax's way, others had others."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

Initializer = Callable[[jax.Array, tuple[int, ...]], jax.Array]


def _uniform(fan_in: int, key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Within 1 / sqrt(fan in), what weights and biases of `torch.nn.Linear` begin with."""
    return jax.random.uniform(key, shape, minval=-1.0, maxval=1.0) / math.sqrt(fan_in)


INITIALIZERS: dict[str, Initializer] = {
    "lecun-normal": nn.initializers.lecun_normal(),
    "orthogonal": nn.initializers.orthogonal(),
    "xavier-uniform": nn.initializers.xavier_uniform(),
    "torch": lambda key, shape: _uniform(shape[0], key, shape),
}
"""Kernel of a layer, shape `(in, out)`, from a key. The first is flax's own, `orthogonal` is that of Yarats et al.,
`xavier-uniform` that of Haarnoja et al., with biases of zero. In `torch`, that of Spinning Up, biases are drawn too."""


@partial(jax.jit, static_argnames="name")
def drawn_again(name: str, parameters: Any, key: jax.Array) -> Any:
    """`parameters` of a network with every kernel, and with `torch` every bias, drawn as `name` says.

    The parameters of several critics lie in one array, of which each critic's part is drawn by itself.
    """
    leaves, structure = jax.tree_util.tree_flatten_with_path(parameters)
    fan_in = {path[:-1]: leaf.shape[-2] for path, leaf in leaves if path[-1].key == "kernel"}
    drawn = []
    for place, (path, leaf) in enumerate(leaves):
        own_key = jax.random.fold_in(key, place)
        if path[-1].key == "kernel":
            drawn.append(_each(INITIALIZERS[name], own_key, leaf.shape, 2))
        elif name == "torch" and path[-1].key == "bias" and path[:-1] in fan_in:
            drawn.append(_each(partial(_uniform, fan_in[path[:-1]]), own_key, leaf.shape, 1))
        else:
            drawn.append(leaf)
    return jax.tree_util.tree_unflatten(structure, drawn)


def _each(draw: Initializer, key: jax.Array, shape: tuple[int, ...], dimensions: int) -> jax.Array:
    """One draw for each critic, of which the first axis is where there is one more than `dimensions`."""
    if len(shape) == dimensions:
        return draw(key, shape)
    return jnp.stack([draw(own, shape[1:]) for own in jax.random.split(key, shape[0])])
