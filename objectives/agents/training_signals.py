"""What an off-policy agent is like at one moment of training, computed on its device when somebody asks."""

import math
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from objectives.run_result import AT_A_BOUND

MOST_JUDGED = 1024
"""Observations: a mean over more says no more, and on a CPU a point of 4096 would cost six percent of five seconds."""


class Judged(NamedTuple):
    """Actions that the policy samples for one observation of each environment, and what the critics say of them."""

    actions: jax.Array
    """-1 and 1 are the bounds, shape `(n, action_dim)`."""
    log_probabilities: jax.Array | None
    """None of a policy without a distribution."""
    q_values: jax.Array


class AgentSignals(NamedTuple):
    """Means over the environments, and of what."""

    entropy: jax.Array | None
    """Of the policy, in nats, estimated from one action of each environment; None without a distribution."""
    mean_q: jax.Array
    """Of the smallest critic or, of quantile critics, of all."""
    saturation: jax.Array
    """Share of the numbers of the actions that lie at a bound."""
    actions: jax.Array | None
    """Those of `Judged`."""


Judge = Callable[[tuple[Any, ...], tuple[Any, ...], jax.Array, jax.Array], Judged]
"""Networks' `apply`, their variables, observations and a key -> what is judged."""


@partial(jax.jit, static_argnames=("judge", "networks"))
def agent_signals(
    judge: Judge, networks: tuple[Hashable, ...], variables: tuple[Any, ...], observations: jax.Array
) -> AgentSignals:
    """The signals of an agent for `observations`, normalized as it sees them; of `MOST_JUDGED` at most."""
    # Spread over all environments: those that stand together have the same kind of ground.
    stride = math.ceil(len(observations) / MOST_JUDGED)
    judged = judge(networks, variables, observations[::stride], jax.random.PRNGKey(0))
    log_probabilities = judged.log_probabilities
    return AgentSignals(
        None if log_probabilities is None else -log_probabilities.mean(),
        judged.q_values.mean(),
        (jnp.abs(judged.actions) >= 1 - 2 * AT_A_BOUND).mean(),  # -1 and 1 are the bounds
        judged.actions,
    )


def judge_by_smallest(
    networks: tuple[Any, ...], variables: tuple[Any, ...], observations: jax.Array, key: jax.Array
) -> Judged:
    """Of SAC: a Gaussian with the range of its actions, and critics of which the smallest counts."""
    actor, critics = networks
    parameters, action_range = variables[0]
    distribution = actor(parameters, observations)
    actions = distribution.sample(seed=key)
    log_probabilities = distribution.log_prob(actions)
    q_values = critics(variables[1], observations, action_range * actions, rngs={"dropout": key}).min(axis=0)
    return Judged(action_range * actions, log_probabilities, q_values)


def judge_by_quantiles(
    networks: tuple[Any, ...], variables: tuple[Any, ...], observations: jax.Array, key: jax.Array
) -> Judged:
    """Of TQC: a squashed Gaussian, and two critics that give quantiles."""
    actor, *critics = networks
    distribution = actor(variables[0], observations)
    actions = distribution.sample(seed=key)
    quantiles = [
        critic(variables, observations, actions, rngs={"dropout": key})
        for critic, variables in zip(critics, variables[1:], strict=True)
    ]
    return Judged(actions, distribution.log_prob(actions), jnp.stack(quantiles))


def judge_in_evaluation_mode(
    networks: tuple[Any, ...], variables: tuple[Any, ...], observations: jax.Array, key: jax.Array
) -> Judged:
    """Of CrossQ: as SAC, with batch statistics that are not updated."""
    actor, critics = networks
    distribution = actor(variables[0], observations, train=False)
    actions = distribution.sample(seed=key)
    q_values = critics(variables[1], observations, actions, rngs={"dropout": key}, train=False).min(axis=0)
    return Judged(actions, distribution.log_prob(actions), q_values)


def judge_deterministic(
    networks: tuple[Any, ...], variables: tuple[Any, ...], observations: jax.Array, key: jax.Array
) -> Judged:
    """Of TD3: the policy's one action."""
    actor, critics = networks
    actions = actor(variables[0], observations)
    return Judged(actions, None, critics(variables[1], observations, actions, rngs={"dropout": key}).min(axis=0))
