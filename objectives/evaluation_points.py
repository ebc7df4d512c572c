"""Evaluations while training goes on, with the clock stopped: the points at which curve and score meet."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv, sync_envs_normalization

from objectives.agents.chunked_training import ChunkedTraining
from objectives.agents.factory import wait_until_computed
from objectives.environments import spread_episodes, terrain_curriculum
from objectives.evaluation import evaluate
from objectives.run_result import EvaluationPoint
from objectives.run_spec import RunSpec
from objectives.timeout import TimeoutCallback

FEW_EPISODES = 8
"""Of an evaluation while training; with more environments, one of each: they act side by side anyway."""


class EvaluationCallback(BaseCallback):
    """Evaluates the policy `spec.n_evaluations` times, after equal shares of training; the end of training is another.

    By the share of the budget or, where that ends training first, of the steps; always between two rollouts. The clock
    stands still meanwhile.

    Args:
        spec: The run.
        timeout: Its clock.
        beside: Environments to evaluate on, wrapped as those of training; None: there is one simulator a process, and
            the environments of training are taken. They are reset for that: the episodes that were going on end as by
            the time limit, and new ones begin. Terrain levels are as before.
        around: A context for each evaluation.
    """

    def __init__(
        self,
        spec: RunSpec,
        timeout: TimeoutCallback,
        beside: VecEnv | None,
        around: Callable[[], AbstractContextManager[None]],
    ) -> None:
        super().__init__()
        self.points: list[EvaluationPoint] = []
        self._spec = spec
        self._timeout = timeout
        self._beside = beside
        self._around = around
        self._due = 1

    def _on_rollout_start(self) -> None:
        if self._due > self._spec.n_evaluations:
            return
        share = max(self._timeout.elapsed_s / self._spec.budget_s, self.num_timesteps / self._spec.max_steps)
        passed = int(share * (self._spec.n_evaluations + 1))
        if self._due <= passed <= self._spec.n_evaluations:
            wait_until_computed(self.model)
            with self._timeout.stopped(), self._around():
                self._evaluate()
        self._due = max(self._due, passed + 1)

    def _on_step(self) -> bool:
        return True

    def _evaluate(self) -> None:
        env = self.training_env if self._beside is None else self._beside
        if isinstance(self.model, ChunkedTraining):
            self.model.write_normalization()
        if self._beside is not None:
            sync_envs_normalization(self.training_env, self._beside)
        n_episodes = min(self._spec.n_eval_episodes, max(FEW_EPISODES, env.num_envs))
        evaluation = evaluate(self.model, env, n_episodes, self._spec.eval_seed, self._spec.deterministic)
        self.points.append(
            EvaluationPoint(
                elapsed_s=self._timeout.elapsed_s,
                num_timesteps=self.num_timesteps,
                mean_return=evaluation.mean_return,
                n_episodes=evaluation.n_episodes,
            )
        )
        if self._beside is None:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Sets the environments of training, and what the agent remembers of them, to the begin of new episodes."""
        agent, env = self.model, self.training_env
        if isinstance(agent, ChunkedTraining):
            agent.replay_buffer.end_latest()
        env.seed(self._spec.seed + self._due)  # the evaluation's seed must not decide what follows
        terrain = terrain_curriculum(env)
        if terrain is None:
            agent._last_obs = env.reset()
        else:
            with terrain.held():
                agent._last_obs = env.reset()
        agent._last_episode_starts = np.ones(env.num_envs, bool)
        if isinstance(agent, ChunkedTraining):
            agent.begin_episodes()
        # Not on levels: an episode that is cut short is judged as a whole one, and a good walker would go down.
        if self._spec.random_initial_phase and terrain is None:
            spread_episodes(env)
