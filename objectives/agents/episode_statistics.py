"""Returns of the training's episodes, counted on the device without a loop over environments."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray


class EpisodeStatistics(NamedTuple):
    """Of the episodes that go on, shape `(n_envs,)`, and of the latest that ended, shape `(window,)`."""

    returns: jax.Array
    ended_returns: jax.Array
    n_ended: jax.Array
    """Since training began."""

    def latest_returns(self) -> NDArray[np.float32]:
        """Returns of the latest episodes that ended, in no order."""
        return np.asarray(self.ended_returns)[: int(self.n_ended)]


def no_episodes(n_envs: int, window: int) -> EpisodeStatistics:
    """All begin now; the latest `window` that end are kept, `n_envs` at least."""
    window = max(window, n_envs)
    return EpisodeStatistics(jnp.zeros(n_envs), jnp.zeros(window), jnp.int32(0))


def after_step(episodes: EpisodeStatistics, rewards: jax.Array, dones: jax.Array) -> EpisodeStatistics:
    """After a step of all environments."""
    returns = episodes.returns + rewards
    window = episodes.ended_returns.shape[0]
    places = (episodes.n_ended + jnp.cumsum(dones) - 1) % window
    places = jnp.where(dones, places, window)  # beyond the end: dropped
    return EpisodeStatistics(
        jnp.where(dones, 0.0, returns),
        episodes.ended_returns.at[places].set(returns, mode="drop"),
        episodes.n_ended + dones.sum(),
    )


def all_begin_anew(episodes: EpisodeStatistics) -> EpisodeStatistics:
    """After a reset of all environments."""
    return episodes._replace(returns=jnp.zeros_like(episodes.returns))
