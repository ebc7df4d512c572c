"""Watching a policy: it acts in a window, at the task's own speed, until somebody closes it."""

import time
from itertools import count

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from objectives.environments.viewer import viewer
from objectives.evaluation import act, draw_noise_as_in_training, frozen
from objectives.policies.play import PlaySpec


def watch(agent: BaseAlgorithm, env: VecEnv, spec: PlaySpec) -> None:
    """Returns when the window is closed.

    Args:
        agent: Whose policy acts.
        env: Environments with a viewer; the statistics of normalization are frozen.
        spec: What is played.
    """
    window = viewer(env, spec.environment.task)
    env.seed(spec.seed)
    with frozen(env):
        observations = env.reset()
        window.look()
        due = time.monotonic()
        steps = count()
        while window.is_open():
            if not spec.deterministic:
                draw_noise_as_in_training(agent, next(steps), env.num_envs)
            _, observations, _ = act(agent, env, observations, spec.deterministic)
            # A simulator that is slower than the robot is shown as fast as it goes, and does not catch up.
            due = max(due + 1.0 / window.fps, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
