"""What cannot train is found before a study is created, and before a worker takes a trial."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs

from objectives.agents.factory import AGENT_KINDS, make_agent, refuse_unknown
from objectives.environments.time_limit import refuse_without_time_limit
from objectives.errors import ConfigurationError, DivergedError
from objectives.run_spec import Algorithm, EnvironmentSpec
from objectives.special_values import resolved
from objectives.training import make_training_env

_STEPS_IN_CHECK = 64
"""What the replay buffer of a check holds of each environment."""


def check_run(environment: EnvironmentSpec, algorithm: Algorithm, examples: Sequence[dict[str, Any]]) -> None:
    """Makes environment and agent once, and takes one step with the agent's action: what cannot train is found here.

    Args:
        environment: What will be trained on.
        algorithm: What will be trained.
        examples: Hyperparameters of runs to come. All must have names that the algorithm knows; the agent is that of
            the first, with a small replay buffer.

    Raises:
        ConfigurationError: Environment or agent cannot be made, the task's answers are not what its spaces say, or one
            of `examples` has a name that the algorithm does not know.
    """
    for hyperparameters in examples:
        refuse_unknown(algorithm, hyperparameters)
        resolved(hyperparameters, environment.n_envs)
    env = make_training_env(environment, algorithm, seed=0)
    try:
        first = examples[0] if examples else {}
        small = {} if AGENT_KINDS[algorithm].on_policy else {"buffer_size": _STEPS_IN_CHECK * env.num_envs}
        agent = make_agent(algorithm, {**resolved(first, env.num_envs), **small}, env, seed=0)
        observations = env.reset()
        actions, _ = agent.predict(observations, deterministic=True)
        after, rewards, _, _ = env.step(actions)
        _refuse_shapes(environment.task, env, observations, after, rewards)
        refuse_without_time_limit(env, environment.task)
    except DivergedError:
        pass  # numbers that are not finite are the result of a run, and may be fine in the next
    finally:
        env.close()


def _refuse_shapes(task: str, env: VecEnv, first: VecEnvObs, second: VecEnvObs, rewards: NDArray[np.float32]) -> None:
    """Raises a `ConfigurationError` if environments that come as one answer in other shapes than they say."""
    expected = (env.num_envs, *(env.observation_space.shape or ()))
    for what, shape, right in (
        ("its first observations", np.shape(first), expected),
        ("its observations after a step", np.shape(second), expected),
        ("its rewards", np.shape(rewards), (env.num_envs,)),
    ):
        if shape != right:
            raise ConfigurationError(f"{task} cannot be trained on: {what} have the shape {shape}, not {right}")
