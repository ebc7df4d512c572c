"""Warm-up: everything that compiles is compiled on throw-away data, before the clock starts."""

from typing import Any

import numpy as np
from stable_baselines3.common.vec_env import VecEnv

from objectives.agents.factory import make_agent
from objectives.agents.sac import CHUNK
from objectives.run_spec import Algorithm

THROWAWAY_ITERATIONS = 2
"""One iteration compiles everything; the second sees the state that a first update leaves behind."""


def warm_up(algorithm: Algorithm, hyperparameters: dict[str, Any], env: VecEnv) -> None:
    """Runs a throw-away agent of the same shapes on `env` through the real `learn` and `predict`.

    That compiles the agent's programs and the simulator's kernels by the very path that training takes, so no list
    of things to compile can be incomplete. It costs two environment steps and at most 2 * (CHUNK + CHUNK - 1)
    gradient steps.
    """
    hyperparameters = dict(hyperparameters)
    gradient_steps = hyperparameters.get("gradient_steps", 1)
    agent = make_agent(
        algorithm,
        {
            **hyperparameters,
            # The full chunk and the remainder are the two training programs there are.
            "gradient_steps": min(gradient_steps, CHUNK + gradient_steps % CHUNK),
            "train_freq": max(1, hyperparameters.get("n_steps", 1)),
            "learning_starts": 0,
            # Whatever the run's own rate does to it, the throw-away agent stays as it was initialised.
            "learning_rate": 0.0,
            "buffer_size": 64 * env.num_envs,
        },
        env,
        seed=0,
    )
    steps = THROWAWAY_ITERATIONS * agent.train_freq.frequency * env.num_envs
    agent.learn(steps)
    assert agent._last_obs is not None
    observations: np.ndarray[Any, Any] = agent._last_obs
    agent.predict(observations, deterministic=True)
