"""When an episode ends at the latest: without that, the best policies are those whose evaluation never ends."""

import time
from itertools import count

import numpy as np
from stable_baselines3.common.vec_env import VecEnv

from objectives.errors import ConfigurationError

LOOK_FOR_STEPS = 2_000
LOOK_FOR_S = 20.0
"""How long a task that says nothing of a time limit is watched for one: steps of each environment, and seconds."""
ALIKE_EPISODES = 20
"""So many of one length are ended by a count of steps, whatever the task calls that."""
LONGEST_EPISODE = 10_000
"""Steps after which an episode of an evaluation is not waited for, where the task has a limit and does not say which:
ten times that of most tasks."""


def episode_limit(env: VecEnv) -> int | None:
    """Steps after which the task ends an episode; None where it does not say."""
    limit: int | None = getattr(env, "episode_limit", None)
    return limit


def refuse_without_time_limit(env: VecEnv, task: str) -> None:
    """Raises a `ConfigurationError` if the task says no time limit, and none is seen while it acts at random.

    A task may keep its own count, and end its episodes as truncated, or all of them after the same number of steps. An
    episode that a failure ends proves nothing: a good policy does not fail.
    """
    if episode_limit(env) is not None:
        return
    ends_at = time.monotonic() + LOOK_FOR_S
    lengths: list[int] = []
    ages = np.zeros(env.num_envs, np.int64)
    env.reset()
    for steps in count(1):
        _, _, dones, infos = env.step(np.stack([env.action_space.sample() for _ in range(env.num_envs)]))
        ages += 1
        lengths += ages[dones].tolist()
        ages[dones] = 0
        truncated = any(infos[number].get("TimeLimit.truncated", False) for number in np.flatnonzero(dones))
        if truncated or (len(lengths) >= ALIKE_EPISODES and len(set(lengths)) == 1):
            return
        if steps == LOOK_FOR_STEPS or time.monotonic() > ends_at:
            break
    raise ConfigurationError(
        f"{task} has no time limit: it registers none, and no episode was truncated in {steps} steps, so the "
        "evaluation of a policy that does not fail would never end. Say when episodes end: --set max_episode_steps=1000"
    )
