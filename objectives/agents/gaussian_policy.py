"""An unbounded Gaussian policy for SAC, as PPO has one: its actions are not squashed to the bounds."""

from collections.abc import Callable

import flax.linen as nn
import jax
import jax.numpy as jnp
from sbx.common.distributions import TanhTransformedDistribution
from sbx.common.policies import Flatten, tfd

NEAR_ZERO = 0.01
"""Gain of the last layers: the mean begins near 0, without which PPO in JAX did not learn (recipes.md section 4)."""


class GaussianActor(nn.Module):
    """Mean and standard deviation of each action dimension; -1 and 1 are the bounds, but limit nothing."""

    net_arch: tuple[int, ...]
    action_dim: int
    activation_fn: Callable[[jax.Array], jax.Array] = nn.relu
    state_dependent_std: bool = True
    log_std_init: float = 0.0
    log_std_min: float = -20.0
    log_std_max: float = 2.0

    @nn.compact  # type: ignore[untyped-decorator]
    def __call__(self, x: jax.Array) -> tfd.Distribution:
        """The distribution of actions for observations."""
        x = Flatten()(x)
        for n_units in self.net_arch:
            x = self.activation_fn(nn.Dense(n_units)(x))
        last = nn.initializers.orthogonal(NEAR_ZERO)
        start = nn.initializers.constant(self.log_std_init)
        mean = nn.Dense(self.action_dim, kernel_init=last)(x)
        if self.state_dependent_std:
            log_std = nn.Dense(self.action_dim, kernel_init=last, bias_init=start)(x)
        else:
            log_std = jnp.broadcast_to(self.param("log_std", start, (self.action_dim,)), mean.shape)
        return tfd.MultivariateNormalDiag(mean, jnp.exp(jnp.clip(log_std, self.log_std_min, self.log_std_max)))


def gaussian_of(distribution: tfd.Distribution) -> tfd.Normal:
    """The Gaussian of each action dimension, before it is squashed if it is; batch shape `(n, action_dim)`."""
    squashed = isinstance(distribution, TanhTransformedDistribution)
    gaussian = distribution.distribution if squashed else distribution
    return tfd.Normal(gaussian.mean(), gaussian.stddev())
