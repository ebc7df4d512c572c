"""Returns, lengths and success of the training's episodes, counted on the device without a loop over environments."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray


class EpisodeStatistics(NamedTuple):
    """Of the episodes that go on, shape `(n_envs,)`, and of the latest that ended, shape `(window,)`."""

    returns: jax.Array
    lengths: jax.Array
    ended_returns: jax.Array
    ended_lengths: jax.Array
    ended_success: jax.Array
    """1 or 0; NaN where the task does not say."""
    n_ended: jax.Array
    """Since training began."""

    def latest_returns(self) -> NDArray[np.float32]:
        """Returns of the latest episodes that ended, in no order."""
        return np.asarray(self.ended_returns)[: int(self.n_ended)]

    def latest_lengths(self) -> NDArray[np.int32]:
        """Steps of the same episodes."""
        return np.asarray(self.ended_lengths)[: int(self.n_ended)]

    def latest_success(self) -> NDArray[np.float32]:
        """1 or 0 of those of the same episodes of which the task says."""
        said = np.asarray(self.ended_success)[: int(self.n_ended)]
        return said[~np.isnan(said)]


def no_episodes(n_envs: int, window: int) -> EpisodeStatistics:
    """All begin now; the latest `window` that end are kept, `n_envs` at least."""
    window = max(window, n_envs)
    return EpisodeStatistics(
        jnp.zeros(n_envs),
        jnp.zeros(n_envs, jnp.int32),
        jnp.zeros(window),
        jnp.zeros(window, jnp.int32),
        jnp.full(window, jnp.nan),
        jnp.int32(0),
    )


def after_step(
    episodes: EpisodeStatistics, rewards: jax.Array, dones: jax.Array, success: jax.Array
) -> EpisodeStatistics:
    """After a step of all environments; `success` is 1, 0, or NaN where the task does not say."""
    returns, lengths = episodes.returns + rewards, episodes.lengths + 1
    window = episodes.ended_returns.shape[0]
    places = (episodes.n_ended + jnp.cumsum(dones) - 1) % window
    places = jnp.where(dones, places, window)  # beyond the end: dropped
    return EpisodeStatistics(
        jnp.where(dones, 0.0, returns),
        jnp.where(dones, 0, lengths),
        episodes.ended_returns.at[places].set(returns, mode="drop"),
        episodes.ended_lengths.at[places].set(lengths, mode="drop"),
        episodes.ended_success.at[places].set(success, mode="drop"),
        episodes.n_ended + dones.sum(),
    )


def all_begin_anew(episodes: EpisodeStatistics) -> EpisodeStatistics:
    """After a reset of all environments."""
    return episodes._replace(returns=jnp.zeros_like(episodes.returns), lengths=jnp.zeros_like(episodes.lengths))
