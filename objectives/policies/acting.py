"""An agent that acts by a kept policy, and its actions in the task's units."""

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from objectives.action_bounds import scaled
from objectives.agents.factory import AGENT_KINDS, make_agent
from objectives.policies.actor_arrays import write_actor
from objectives.policies.description import Description
from objectives.policies.policy_file import Policy
from objectives.training import normalized

_N_STEPS = 2048
"""Of both PPOs, where nobody says."""


def acting_agent(policy: Policy, env: VecEnv, where: str) -> tuple[BaseAlgorithm, VecEnv]:
    """An agent with this policy, and `env` as it sees it, with the policy's statistics.

    Args:
        policy: A kept policy.
        env: Environments of its task, or of the same spaces.
        where: The policy's file, for errors.

    Raises:
        ConfigurationError: The policy's network is none that its hyperparameters give.
    """
    run = policy.description.run
    seen = normalized(env, run)
    if isinstance(seen, VecNormalize):
        seen.obs_rms.mean, seen.obs_rms.var = policy.observation_mean, policy.observation_variance
        seen.training, seen.norm_reward = False, False
    on_policy = AGENT_KINDS[run.algorithm].on_policy
    # It learns nothing: with the smallest memory of experience, and minibatches that few environments fill.
    least = {"n_steps": 2, "batch_size": 2 * env.num_envs} if on_policy else {"buffer_size": env.num_envs}
    trained = {name: value for name, value in run.hyperparameters.items() if name != "n_minibatches"}
    agent = make_agent(run.algorithm, {**trained, **least}, seen, run.seed)
    if on_policy:
        agent.n_steps = trained.get("n_steps", _N_STEPS)  # how often gSDE draws noise
    write_actor(agent, policy.actor, where)
    return agent, seen


def in_units(actions: NDArray[np.float32], description: Description) -> NDArray[np.float32]:
    """What an agent of the policy's algorithm does, shape `(n, ...)`, in the task's units, shape `(n, action_dim)`."""
    flat = actions.reshape(len(actions), -1)
    if AGENT_KINDS[description.run.algorithm].on_policy:
        return flat
    low, high = np.array(description.action_low, np.float32), np.array(description.action_high, np.float32)
    return np.clip(scaled(flat, low, high), *limits_of(description))


def limits_of(description: Description) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the policy's actions are clipped to, in the task's units; infinite where its file does not say."""
    low, high = description.limit_low, description.limit_high
    if low is None or high is None:
        without = np.full(len(description.action_low), np.inf, np.float32)
        return -without, without
    return np.array(low, np.float32), np.array(high, np.float32)
