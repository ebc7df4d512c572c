"""SAC's gradient steps where policy and target networks are updated more seldom, or more often, than sbx does it."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import sbx
from flax.training.train_state import TrainState
from sbx.common.type_aliases import ReplayBufferSamplesNp, RLTrainState


@partial(jax.jit, static_argnames="gradient_steps")
def train_on_schedule(
    tau: jax.Array,
    target_entropy: jax.Array,
    gradient_steps: int,
    data: ReplayBufferSamplesNp,
    done: jax.Array,
    policy_delay: jax.Array,
    policy_updates: jax.Array,
    target_interval: jax.Array,
    qf_state: RLTrainState,
    actor_state: TrainState,
    ent_coef_state: TrainState,
    key: jax.Array,
) -> Any:
    """As sbx's `_train`, with two numbers more; all but `gradient_steps` are traced.

    Args:
        tau: Of the soft update of target networks.
        target_entropy: Of the learned entropy coefficient.
        gradient_steps: Updates of the critics.
        data: For all of them, one after the other.
        done: Updates of the critics before these.
        policy_delay: Every so many updates of the critics the policy is updated.
        policy_updates: So often then, each with its own draw of actions on the same observations.
        target_interval: Every so many updates of the critics the target networks are.
        qf_state: Critics.
        actor_state: Policy.
        ent_coef_state: Entropy coefficient.
        key: Of random numbers.
    """
    batch_size = data.observations.shape[0] // gradient_steps

    def update_policy(state: Any, observations: jax.Array) -> Any:
        def once(_: jax.Array, state: Any) -> Any:
            actor_state, qf_state, ent_coef_state, key, _ = state
            actor_state, qf_state, ent_coef_state, actor_loss, ent_coef_loss, key = (
                sbx.SAC.update_actor_and_temperature(
                    actor_state, qf_state, ent_coef_state, observations, target_entropy, key
                )
            )
            return actor_state, qf_state, ent_coef_state, key, (actor_loss, ent_coef_loss)

        return jax.lax.fori_loop(0, policy_updates, once, state)

    def one_update(i: jax.Array, carry: Any) -> Any:
        actor_state, qf_state, ent_coef_state, key, policy_losses, _ = carry
        batch = jax.tree.map(lambda part: jax.lax.dynamic_slice_in_dim(part, i * batch_size, batch_size), data)
        qf_state, critic_losses, key = sbx.SAC.update_critic(
            actor_state, qf_state, ent_coef_state, batch.observations, batch.actions, batch.next_observations,
            batch.rewards, batch.dones, batch.discounts, key,
        )  # fmt: skip
        count = done + i + 1
        qf_state = jax.lax.cond(
            count % target_interval == 0, lambda state: sbx.SAC.soft_update(tau, state), lambda state: state, qf_state
        )
        state = actor_state, qf_state, ent_coef_state, key, policy_losses
        state = jax.lax.cond(
            count % policy_delay == 0, update_policy, lambda state, _: state, state, batch.observations
        )
        return *state, critic_losses

    zero = jnp.zeros(())
    start = actor_state, qf_state, ent_coef_state, key, (zero, zero), (zero, zero)
    actor_state, qf_state, ent_coef_state, key, (actor_loss, ent_coef_loss), (qf_loss, ent_coef) = jax.lax.fori_loop(
        0, gradient_steps, one_update, start
    )
    return qf_state, actor_state, ent_coef_state, key, (actor_loss, qf_loss, ent_coef_loss, ent_coef)
