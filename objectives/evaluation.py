"""How good a trained agent is: the mean return of many episodes."""

from typing import Any

import numpy as np
from scipy import stats
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from objectives.divergence import DivergedError
from objectives.run_result import Evaluation


def evaluate(agent: BaseAlgorithm, env: VecEnv, n_episodes: int, seed: int, deterministic: bool = True) -> Evaluation:
    """Evaluates the policy on freshly reset environments.

    Stable-Baselines3's `evaluate_policy` gives each environment its quota of episodes, so that short episodes are
    not counted more often than long ones. Returns are the task's own, never normalized; normalization statistics
    are frozen.

    Args:
        agent: The trained agent.
        env: The training environment, monitored (`VecMonitor`).
        n_episodes: Number of episodes over all environments.
        seed: Seeds the environments, the same for every run that is compared.
        deterministic: The policy's mean action; False: its samples.

    Raises:
        DivergedError: A return is not finite.
    """
    if isinstance(env, VecNormalize):
        env.training = False
        env.norm_reward = False
    endings = _EpisodeEndings()
    env.seed(seed)
    returns, lengths = evaluate_policy(
        agent, env, n_episodes, deterministic=deterministic, callback=endings, return_episode_rewards=True
    )
    if not np.isfinite(returns).all():
        raise DivergedError("evaluation returns are not finite")
    return Evaluation(
        mean_return=float(np.mean(returns)),
        std_return=float(np.std(returns)),
        iqm_return=float(stats.trim_mean(returns, 0.25)),
        n_episodes=len(returns),
        mean_episode_length=float(np.mean(lengths)),
        timeout_rate=float(np.mean(endings.timeouts)),
        success_rate=float(np.mean(endings.successes)) if endings.successes else None,
    )


class _EpisodeEndings:
    """Notes how each counted episode ended; called by `evaluate_policy` with its local variables."""

    def __init__(self) -> None:
        self.timeouts: list[bool] = []
        self.successes: list[bool] = []

    def __call__(self, local_variables: dict[str, Any], _: dict[str, Any]) -> None:
        if not local_variables["done"]:
            return
        info = local_variables["info"]
        self.timeouts.append(bool(info.get("TimeLimit.truncated", False)))
        if "is_success" in info:
            self.successes.append(bool(info["is_success"]))
