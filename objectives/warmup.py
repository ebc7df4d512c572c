"""Warm-up: everything that compiles is compiled on throw-away data, before the clock starts."""

from typing import Any

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from objectives.agents.chunked_training import CHUNK, ChunkedTraining
from objectives.agents.factory import AGENT_KINDS, make_agent
from objectives.agents.ppo import PPO
from objectives.evaluation import act
from objectives.run_spec import Algorithm

THROWAWAY_ITERATIONS = 2
"""One iteration compiles everything; the second sees the state that a first update leaves behind."""


def warm_up(algorithm: Algorithm, hyperparameters: dict[str, Any], env: VecEnv) -> BaseAlgorithm:
    """Runs a throw-away agent of the same shapes on `env` through the real `learn` and `predict`.

    That compiles the agent's programs and the simulator's kernels by the very path that training takes, so no list
    of things to compile can be incomplete. Off-policy it costs two environment steps and at most
    2 * (CHUNK + CHUNK - 1) gradient steps; on-policy two rollouts and an epoch on each. The replay buffer has the
    run's own size, since programs belong to shapes: the agent is given so that the next one takes its memory.
    """
    on_policy = AGENT_KINDS[algorithm].on_policy
    changes = {"n_epochs": 1} if on_policy else _few_steps(hyperparameters)
    # Whatever the run's own rate does to it, the throw-away agent stays as it was initialised.
    agent = make_agent(algorithm, {**hyperparameters, **changes, "learning_rate": 0.0}, env, seed=0)
    rollout = agent.n_steps if on_policy else agent.train_freq.frequency
    if on_policy:
        # Before its first update its arrays are numpy's, and that is a program of its own.
        agent.predict(env.reset(), deterministic=False)
    agent.learn(THROWAWAY_ITERATIONS * rollout * env.num_envs)
    observations = env.reset()
    act(agent, env, observations, deterministic=True)
    if on_policy:
        agent.predict(observations, deterministic=False)
    if isinstance(agent, ChunkedTraining):
        agent.signals()
        # What evaluations while training do beside acting.
        agent.replay_buffer.end_latest()
        agent.begin_episodes()
    if isinstance(agent, PPO):
        # The value of a last observation, when an episode ends by the time limit: one environment at a time.
        agent.vf.apply(agent.policy.vf_state.params, agent.policy.prepare_obs(observations[0])[0]).flatten()
    return agent


def _few_steps(hyperparameters: dict[str, Any]) -> dict[str, Any]:
    gradient_steps = hyperparameters.get("gradient_steps", 1)
    return {
        # The full chunk and the remainder are the two training programs there are.
        "gradient_steps": min(gradient_steps, CHUNK + gradient_steps % CHUNK),
        "train_freq": max(1, hyperparameters.get("n_steps", 1)),
        "learning_starts": 0,
    }
