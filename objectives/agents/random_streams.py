"""An agent's random numbers beside sbx's own, which begin with the bare seed: no two uses share a key."""

from enum import IntEnum

import jax
import numpy as np


class Stream(IntEnum):
    """What random numbers are for, as a number that is folded into the seed's key.

    Not 1, 2, …: `fold_in(key, i)` is the same key as `split(key, n)[i]`, with which sbx draws its networks.
    """

    DRAWS = 2**31 + 1
    """Which transitions are drawn from the replay buffer."""
    EXPLORATION = 2**31 + 2
    """Random actions before learning starts, and exploration noise."""


def first_key(seed: int | None, stream: Stream) -> jax.Array:
    """The key that `stream` begins with; without a seed, a random one as sbx draws it."""
    begun = int(np.random.randint(2**14)) if seed is None else seed
    return jax.random.fold_in(jax.random.PRNGKey(begun), stream)
