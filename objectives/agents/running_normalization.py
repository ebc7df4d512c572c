"""The numbers of Stable-Baselines3's `VecNormalize`, computed where the observations are."""

from dataclasses import dataclass, field
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecNormalize


class RunningMoments(NamedTuple):
    """Mean and variance of all that was seen."""

    mean: jax.Array
    var: jax.Array
    count_before: jax.Array
    """What was there before the first batch here."""
    batches: jax.Array
    """Counted whole: a sum of their sizes would stand still once it is too large for a float."""


class Normalization(NamedTuple):
    """What observations and rewards are normalized by."""

    observations: RunningMoments
    returns: RunningMoments
    discounted: jax.Array
    """The discounted return so far, shape `(n_envs,)`: rewards are divided by its standard deviation."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class NormalizationRules:
    """What is normalized, which is part of the programs, and how, which is not."""

    norm_obs: bool = field(metadata={"static": True})
    norm_reward: bool = field(metadata={"static": True})
    clip_obs: jax.Array
    clip_reward: jax.Array
    epsilon: jax.Array
    gamma: jax.Array
    """Of the discounted return whose spread the rewards are divided by."""


def rules_of(env: VecNormalize | None) -> NormalizationRules:
    """The rules of `env`; nothing is normalized without."""
    if env is None:
        return _rules(False, False, np.inf, np.inf, 1e-8, 0.99)
    return _rules(env.norm_obs, env.norm_reward, env.clip_obs, env.clip_reward, env.epsilon, env.gamma)


def _rules(norm_obs: bool, norm_reward: bool, *numbers: float) -> NormalizationRules:
    return NormalizationRules(norm_obs, norm_reward, *(jnp.float32(number) for number in numbers))


def read_normalization(env: VecNormalize | None, shape: tuple[int, ...], n_envs: int) -> Normalization:
    """The statistics of `env`, as arrays of the device; fresh ones without."""
    observations = returns = None
    discounted = np.zeros(n_envs)
    if env is not None:
        observations, returns, discounted = getattr(env, "obs_rms", None), env.ret_rms, env.returns
    return Normalization(
        _moments(observations or RunningMeanStd(shape=shape)),
        _moments(returns or RunningMeanStd(shape=())),
        jnp.array(discounted, jnp.float32),
    )


def write_normalization(normalization: Normalization, env: VecNormalize) -> None:
    """Gives the statistics to `env`, which saves them and normalizes with them on the host."""
    if env.norm_obs:
        _write(normalization.observations, env.obs_rms, env.num_envs)
    _write(normalization.returns, env.ret_rms, env.num_envs)
    env.returns = np.array(normalization.discounted, np.float64)


def updated(
    normalization: Normalization,
    observations: jax.Array,
    rewards: jax.Array,
    dones: jax.Array,
    rules: NormalizationRules,
) -> Normalization:
    """The statistics after one step of all environments, as `VecNormalize.step_wait` has them."""
    seen = _with_batch(normalization.observations, observations) if rules.norm_obs else normalization.observations
    # Counted whether or not rewards are normalized, as in Stable-Baselines3.
    discounted = normalization.discounted * rules.gamma + rewards
    return Normalization(seen, _with_batch(normalization.returns, discounted), jnp.where(dones, 0.0, discounted))


def normalized(observations: jax.Array, normalization: Normalization, rules: NormalizationRules) -> jax.Array:
    """Observations as the agent sees them."""
    if not rules.norm_obs:
        return observations
    seen = normalization.observations
    scaled = (observations - seen.mean) / jnp.sqrt(seen.var + rules.epsilon)
    return jnp.clip(scaled, -rules.clip_obs, rules.clip_obs)


def normalized_rewards(rewards: jax.Array, normalization: Normalization, rules: NormalizationRules) -> jax.Array:
    """Rewards as the agent learns from them."""
    if not rules.norm_reward:
        return rewards
    scaled = rewards / jnp.sqrt(normalization.returns.var + rules.epsilon)
    return jnp.clip(scaled, -rules.clip_reward, rules.clip_reward)


def _moments(statistics: RunningMeanStd) -> RunningMoments:
    return RunningMoments(
        jnp.array(statistics.mean, jnp.float32),
        jnp.array(statistics.var, jnp.float32),
        jnp.array(statistics.count, jnp.float32),
        jnp.int32(0),
    )


def _write(moments: RunningMoments, statistics: RunningMeanStd, batch: int) -> None:
    statistics.mean = np.array(moments.mean, np.float64)
    statistics.var = np.array(moments.var, np.float64)
    statistics.count = float(moments.count_before) + int(moments.batches) * batch


def _with_batch(moments: RunningMoments, batch: jax.Array) -> RunningMoments:
    """Chan et al.'s update, as `RunningMeanStd` has it, in terms of the batch's share, which loses no small one."""
    batch = batch.astype(jnp.float32)
    n = batch.shape[0]
    share = n / (moments.count_before + (moments.batches + 1).astype(jnp.float32) * n)
    difference = batch.mean(axis=0) - moments.mean
    return RunningMoments(
        moments.mean + difference * share,
        moments.var + (batch.var(axis=0) - moments.var) * share + difference**2 * share * (1 - share),
        moments.count_before,
        moments.batches + 1,
    )
