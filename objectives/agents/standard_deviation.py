"""What keeps the standard deviation of SAC's policy within a range: sbx clips its logarithm, others had other ways."""

from collections.abc import Callable

import flax.linen as nn
import jax
import jax.numpy as jnp
from sbx.common.distributions import TanhTransformedDistribution
from sbx.common.policies import Flatten, SquashedGaussianActor, tfd

CLIP = "clip"


def _tanh(log_std: jax.Array, low: float, high: float) -> jax.Array:
    return low + 0.5 * (high - low) * (jnp.tanh(log_std) + 1)


def _clip_values(log_std: jax.Array, low: float, high: float) -> jax.Array:
    return log_std + jax.lax.stop_gradient(jnp.clip(log_std, low, high) - log_std)


LOG_STD_BOUNDS: dict[str, Callable[[jax.Array, float, float], jax.Array]] = {
    CLIP: jnp.clip,
    "clip-values": _clip_values,
    "tanh": _tanh,
}
"""`clip`: outside of the range its gradient is zero. `clip-values`: the gradient passes, as in Stable Baselines.
`tanh`: squashed to the range, as by Yarats et al. (recipes.md section 5)."""


class BoundedActor(SquashedGaussianActor):
    """sbx's actor with another way to keep the standard deviation in its range; its layers have the same names."""

    log_std_bound: str = CLIP

    @nn.compact  # type: ignore[untyped-decorator]
    def __call__(self, x: jax.Array) -> tfd.Distribution:
        """The distribution of actions for observations."""
        x = Flatten()(x)
        for n_units in self.net_arch:
            x = self.activation_fn(nn.Dense(n_units)(x))
        mean = nn.Dense(self.action_dim)(x)
        log_std = LOG_STD_BOUNDS[self.log_std_bound](nn.Dense(self.action_dim)(x), self.log_std_min, self.log_std_max)
        return TanhTransformedDistribution(tfd.MultivariateNormalDiag(mean, jnp.exp(log_std)))
