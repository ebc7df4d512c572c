"""SAC's gradient steps with options that sbx does not have.

Other schedules, terms of the policy's loss, a range of actions that grows, a learning rate that follows the KL
divergence.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import sbx
from flax.training.train_state import TrainState
from sbx.common.policies import tfd
from sbx.common.type_aliases import ReplayBufferSamplesNp, RLTrainState
from sbx.common.utils import KLAdaptiveLR

from objectives.agents.gaussian_policy import gaussian_of

SOFT_BOUND = 1.1
"""Where `bounds_loss_coef` begins to pull, as in rl_games; tanh squashes it to 0.80 of the way to a bound."""


class Settings(NamedTuple):
    """Numbers of the updates; all are traced, so that one program serves all of their values."""

    tau: jax.Array
    """Of the soft update of target networks."""
    target_entropy: jax.Array
    policy_delay: jax.Array
    """Every so many updates of the critics the policy is updated."""
    policy_updates: jax.Array
    """How often it is updated then, each time with its own draw of actions on the same observations."""
    target_update_interval: jax.Array
    """Every so many updates of the critics the target networks are."""
    policy_mean_reg_weight: jax.Array
    policy_std_reg_weight: jax.Array
    bounds_loss_coef: jax.Array
    target_kl: jax.Array
    """0: the learning rate stays."""
    action_range: jax.Array
    """How far actions reach now, where 1 are the bounds."""


@partial(jax.jit, static_argnames="gradient_steps")
def train_by_settings(
    settings: Settings,
    gradient_steps: int,
    data: ReplayBufferSamplesNp,
    done: jax.Array,
    qf_state: RLTrainState,
    actor_state: TrainState,
    ent_coef_state: TrainState,
    key: jax.Array,
) -> Any:
    """As sbx's `_train`, by `settings`.

    Args:
        settings: Of the updates.
        gradient_steps: Updates of the critics.
        data: For all of them, one after the other.
        done: Updates of the critics before these.
        qf_state: Critics.
        actor_state: Policy.
        ent_coef_state: Entropy coefficient.
        key: Of random numbers.

    Returns:
        The states in sbx's order, the key, sbx's losses, and the KL divergence of the latest update of the policy.
    """
    batch_size = data.observations.shape[0] // gradient_steps
    critics_apply = qf_state.apply_fn

    def in_range(parameters: Any, observations: jax.Array, actions: jax.Array, **others: Any) -> jax.Array:
        values: jax.Array = critics_apply(parameters, observations, settings.action_range * actions, **others)
        return values

    def policy_updates(state: Any, observations: jax.Array) -> Any:
        def once(_: jax.Array, state: Any) -> Any:
            return _policy_update(settings, state, observations)

        return jax.lax.fori_loop(0, settings.policy_updates, once, state)

    def one_update(i: jax.Array, carry: Any) -> Any:
        actor_state, qf_state, ent_coef_state, key, told, _ = carry
        batch = jax.tree.map(lambda part: jax.lax.dynamic_slice_in_dim(part, i * batch_size, batch_size), data)
        # The policy's actions are shares of their range, those of the replay buffer are not: here they become so.
        qf_state, critic_losses, key = sbx.SAC.update_critic.__wrapped__(
            actor_state, qf_state.replace(apply_fn=in_range), ent_coef_state, batch.observations,
            batch.actions / settings.action_range, batch.next_observations, batch.rewards, batch.dones,
            batch.discounts, key,
        )  # fmt: skip
        count = done + i + 1
        qf_state = jax.lax.cond(
            count % settings.target_update_interval == 0,
            lambda state: sbx.SAC.soft_update(settings.tau, state),
            lambda state: state,
            qf_state,
        )
        state = actor_state, qf_state, ent_coef_state, key, told
        *state, told = jax.lax.cond(
            count % settings.policy_delay == 0, policy_updates, lambda state, _: state, state, batch.observations
        )
        actor_state, qf_state, ent_coef_state, key = state
        return actor_state, qf_state.replace(apply_fn=critics_apply), ent_coef_state, key, told, critic_losses

    zero = jnp.zeros(())
    start = actor_state, qf_state, ent_coef_state, key, (zero, zero, zero), (zero, zero)
    actor_state, qf_state, ent_coef_state, key, told, (qf_loss, ent_coef) = jax.lax.fori_loop(
        0, gradient_steps, one_update, start
    )
    actor_loss, ent_coef_loss, kl = told
    return qf_state, actor_state, ent_coef_state, key, (actor_loss, qf_loss, ent_coef_loss, ent_coef), kl


def _policy_update(settings: Settings, state: Any, observations: jax.Array) -> Any:
    """One update of the policy and of the entropy coefficient, as sbx does it but for the terms of the loss."""
    actor_state, qf_state, ent_coef_state, key, _ = state
    key, dropout_key, noise_key = jax.random.split(key, 3)

    def actor_loss(parameters: Any) -> tuple[jax.Array, jax.Array]:
        policy = actor_state.apply_fn(parameters, observations)
        actions = policy.sample(seed=noise_key)
        log_probabilities = policy.log_prob(actions)[:, None]
        q_values = qf_state.apply_fn(qf_state.params, observations, actions, rngs={"dropout": dropout_key}).min(axis=0)
        ent_coef = ent_coef_state.apply_fn({"params": ent_coef_state.params})
        loss = (ent_coef * log_probabilities - q_values).mean()
        return loss + policy_terms(settings, gaussian_of(policy)), -log_probabilities.mean()

    (loss, entropy), gradients = jax.value_and_grad(actor_loss, has_aux=True)(actor_state.params)
    updated = actor_state.apply_gradients(grads=gradients)
    ent_coef_state, ent_coef_loss = sbx.SAC.update_temperature(settings.target_entropy, ent_coef_state, entropy)

    def measured(_: None) -> tuple[Any, jax.Array]:
        before, after = (
            gaussian_of(actor_state.apply_fn(parameters, observations))
            for parameters in (actor_state.params, updated.params)
        )
        kl = tfd.kl_divergence(before, after).sum(axis=-1).mean()
        hyperparams = dict(updated.opt_state.hyperparams)
        hyperparams["learning_rate"] = adapted(hyperparams["learning_rate"], kl, settings.target_kl)
        return updated.replace(opt_state=updated.opt_state._replace(hyperparams=hyperparams)), kl

    # Two passes through the network that only this setting needs.
    updated, kl = jax.lax.cond(settings.target_kl > 0, measured, lambda _: (updated, jnp.zeros(())), None)
    return updated, qf_state, ent_coef_state, key, (loss, ent_coef_loss, kl)


def policy_terms(settings: Settings, policy: tfd.Normal) -> jax.Array:
    """What is added to the policy's loss.

    L2 of mean and log std, before they are squashed, as in Haarnoja's code and rlkit; and the squared distance of means
    beyond `SOFT_BOUND`, summed over dimensions, as in rl_games.
    """
    mean = policy.mean()
    beyond = jnp.maximum(jnp.abs(mean) - SOFT_BOUND, 0.0)
    return (
        settings.policy_mean_reg_weight * jnp.square(mean).mean()
        + settings.policy_std_reg_weight * jnp.square(jnp.log(policy.stddev())).mean()
        + settings.bounds_loss_coef * jnp.square(beyond).sum(axis=-1).mean()
    )


def adapted(learning_rate: jax.Array, kl: jax.Array, target: jax.Array) -> jax.Array:
    """The learning rate after an update that changed the policy by `kl`: sbx's `KLAdaptiveLR`, traced."""
    rule = KLAdaptiveLR
    slower, faster = learning_rate / rule.adaptive_lr_factor, learning_rate * rule.adaptive_lr_factor
    other = jnp.where(kl < target / rule.kl_margin, faster, learning_rate)
    other = jnp.where(kl > target * rule.kl_margin, slower, other)
    within = jnp.clip(other, rule.min_learning_rate, rule.max_learning_rate)
    # 0 is the rate of an agent that shall stay as it is, in warm-up.
    return jnp.where(learning_rate > 0, within, 0.0)
