"""The replay buffer on the agent's device: what is stored, sampled and learned from never comes to the host."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from gymnasium import spaces
from sbx.common.type_aliases import ReplayBufferSamplesNp

from objectives.agents.running_normalization import Normalization, NormalizationRules, normalized, normalized_rewards
from objectives.agents.shared_parts import committed


class Transitions(NamedTuple):
    """One step of all environments, each array of shape `(n_envs, ...)`."""

    observations: jax.Array
    next_observations: jax.Array
    """Where an episode ended, its own last ones."""
    actions: jax.Array
    rewards: jax.Array
    dones: jax.Array
    timeouts: jax.Array
    """Ends by the time limit alone, after which the return goes on."""


class Stored(NamedTuple):
    """The ring's arrays, each of shape `(rows, n_envs, ...)`, and how far it is filled."""

    transitions: Transitions
    position: jax.Array
    """The row that is written next."""
    size: jax.Array
    """Rows that are filled."""


class ReplayRing:
    """Stable-Baselines3's `ReplayBuffer` and `NStepReplayBuffer` as JAX arrays.

    The same rows give the same numbers; rows are drawn by JAX and not by numpy. Transitions are stored as the task
    gives them, and normalized when they are used.

    Args:
        buffer_size: Transitions; the rows are the whole steps of all environments that fit.
        observation_space: One array; any shape and type.
        action_space: One array.
        device: Ignored; the agent's constructor names a torch device.
        n_envs: Number of environments.
        optimize_memory_usage: Cannot be had.

    Raises:
        ValueError: `optimize_memory_usage` is asked for.
    """

    def __init__(
        self,
        buffer_size: int,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        device: str = "cpu",  # noqa: ARG002
        n_envs: int = 1,
        optimize_memory_usage: bool = False,
    ) -> None:
        if optimize_memory_usage:
            raise ValueError("optimize_memory_usage would lose the last observation of each episode")
        assert observation_space.shape is not None
        self.buffer_size = max(buffer_size // n_envs, 1)
        self.n_envs = n_envs
        self._observation = observation_space.shape, jax.dtypes.canonicalize_dtype(observation_space.dtype)
        self._action_dim = int(np.prod(action_space.shape or ()))
        self._stored: Stored | None = None

    @property
    def stored(self) -> Stored:
        """The arrays; allocated, whole, when they are first needed."""
        if self._stored is None:
            self._stored = self._allocated()
        return self._stored

    @stored.setter
    def stored(self, stored: Stored) -> None:
        self._stored = stored

    def take_memory(self, other: "ReplayRing") -> None:
        """Takes the arrays of `other`, which has the same shapes and is not used any more; empties them."""
        stored = other.stored
        other._stored = None
        self._stored = committed(stored._replace(position=jnp.int32(0), size=jnp.int32(0)))

    def end_latest(self) -> None:
        """Ends the latest transitions as by the time limit: what is written next belongs to other episodes."""
        self._stored = _latest_ended(self.stored)

    def _allocated(self) -> Stored:
        shape, dtype = self._observation
        rows = (self.buffer_size, self.n_envs)
        arrays = Transitions(
            observations=jnp.zeros((*rows, *shape), dtype),
            next_observations=jnp.zeros((*rows, *shape), dtype),
            actions=jnp.zeros((*rows, self._action_dim)),
            rewards=jnp.zeros(rows),
            dones=jnp.zeros(rows, bool),
            timeouts=jnp.zeros(rows, bool),
        )
        return committed(Stored(arrays, jnp.int32(0), jnp.int32(0)))


def with_row(stored: Stored, row: Transitions) -> Stored:
    """`stored` with `row` in place of the oldest one; to be called where `stored` is donated."""
    rows = stored.transitions.rewards.shape[0]
    arrays = jax.tree.map(
        lambda ring, new: jax.lax.dynamic_update_index_in_dim(ring, new.astype(ring.dtype), stored.position, 0),
        stored.transitions,
        row,
    )
    return Stored(arrays, (stored.position + 1) % rows, jnp.minimum(stored.size + 1, rows))


def draw(key: jax.Array, n: int, filled: jax.Array) -> jax.Array:
    """`n` places among the first `filled` ones, uniformly: row by row, the environments of a row side by side."""
    return jax.random.randint(key, (n,), 0, filled)


def gather(
    stored: Stored,
    places: jax.Array,
    gamma: jax.Array,
    n_steps: int,
    normalization: Normalization,
    rules: NormalizationRules,
) -> ReplayBufferSamplesNp:
    """The transitions at `places`, of shape `(n,)`, normalized, with returns over `n_steps`.

    As Stable-Baselines3's buffers: a return ends with its episode, with the time limit (after which the value of the
    last observation takes over), and at the latest row that is written. An end by the time limit alone is none.
    """
    n_rows, n_envs = stored.transitions.rewards.shape
    # One axis: a gather along it takes a third of the time of one along two.
    arrays = Transitions(*(array.reshape(-1, *array.shape[2:]) for array in stored.transitions))
    latest = (stored.position - 1) % n_rows

    def at(array: jax.Array, where: jax.Array) -> jax.Array:
        return array.at[where].get(mode="promise_in_bounds")

    def rewards_at(where: jax.Array) -> jax.Array:
        return normalized_rewards(at(arrays.rewards, where), normalization, rules)

    def goes_on_after(where: jax.Array) -> jax.Array:
        """Whether the next row belongs to the same episode, and is written."""
        return ~(at(arrays.dones, where) | at(arrays.timeouts, where) | (where // n_envs == latest))

    last, returns, going_on = places, rewards_at(places), jnp.ones(places.shape, bool)
    discounts = jnp.full(places.shape, gamma, jnp.float32)
    for step in range(1, n_steps):
        # `last` is where the return has come to, and stays at its end.
        going_on &= goes_on_after(last)
        last = jnp.where(going_on, (last + n_envs) % (n_rows * n_envs), last)
        returns += jnp.where(going_on, gamma**step * rewards_at(last), 0.0)
        discounts = jnp.where(going_on, gamma ** (step + 1), discounts)
    dones = at(arrays.dones, last) & ~at(arrays.timeouts, last)
    return ReplayBufferSamplesNp(
        normalized(at(arrays.observations, places), normalization, rules),
        at(arrays.actions, places),
        normalized(at(arrays.next_observations, last), normalization, rules),
        dones.astype(jnp.float32),
        returns,
        discounts,
    )


@partial(jax.jit, donate_argnums=0)
def _latest_ended(stored: Stored) -> Stored:
    arrays = stored.transitions
    latest = (stored.position - 1) % arrays.rewards.shape[0]
    # A termination in this very step stays one: nothing comes after a fall.
    cut = arrays.timeouts[latest] | ~arrays.dones[latest]
    ended = arrays._replace(dones=arrays.dones.at[latest].set(True), timeouts=arrays.timeouts.at[latest].set(cut))
    return stored._replace(transitions=ended)
