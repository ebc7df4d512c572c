"""What a policy does at the start, in the middle and at the end of training, dimension by dimension."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv

from objectives.action_bounds import scaled
from objectives.agents.chunked_training import ChunkedTraining
from objectives.policies.policy_file import bounds_in_units
from objectives.run_result import QUANTILES, ActionsAt, ActionsOverTraining
from objectives.timeout import TimeoutCallback

_DIGITS = 4


class ActionsCallback(BaseCallback):
    """Samples the policy for the latest observation of each environment, three times in a run.

    None of it is part of the budget: the first time is before the clock starts, for the second it stands still. The
    third, `take_end`, is for whoever has stopped the clock.

    Args:
        timeout: The clock.
        env: The environments, with the bounds.
        max_steps: Environment steps at which training ends, if the clock does not end it before.
    """

    def __init__(self, timeout: TimeoutCallback, env: VecEnv, max_steps: int) -> None:
        super().__init__()
        self._timeout = timeout
        self._max_steps = max_steps
        low, high = bounds_in_units(env)
        self._low, self._high = low.reshape(-1), high.reshape(-1)
        self._taken: dict[Literal["start", "middle", "end"], ActionsAt] = {}

    @property
    def taken(self) -> ActionsOverTraining:
        """What there is so far."""
        low, high = (tuple(bound.astype(float).tolist()) for bound in (self._low, self._high))
        return ActionsOverTraining(low=low, high=high, **self._taken)

    def take_end(self) -> None:
        """The policy as training left it."""
        self._take("end")

    def _on_training_start(self) -> None:
        self._take("start")

    def _on_step(self) -> bool:
        done = max(self._timeout.elapsed_s / self._timeout.budget_s, self.num_timesteps / self._max_steps)
        if "middle" not in self._taken and done >= 0.5:  # noqa: PLR2004
            with self._timeout.stopped():
                self._take("middle")
        return True

    def _take(self, moment: Literal["start", "middle", "end"]) -> None:
        actions = _sampled(self.model, self._low, self._high)
        if not np.isfinite(actions).all():
            return  # the step that sees them ends the run as diverged
        quantiles = np.quantile(actions.astype(np.float64), QUANTILES, axis=0).T.round(_DIGITS)
        self._taken[moment] = ActionsAt(
            elapsed_s=self._timeout.elapsed_s, quantiles=tuple(tuple(row) for row in quantiles.tolist())
        )


def _sampled(agent: BaseAlgorithm, low: NDArray[np.float32], high: NDArray[np.float32]) -> NDArray[np.float32]:
    """One action of each environment in the task's units, shape `(n_envs, action_dim)`."""
    if isinstance(agent, ChunkedTraining):
        actions = np.asarray(agent.signals().actions)
        return scaled(actions.reshape(len(actions), -1), low, high)
    assert agent._last_obs is not None  # training has begun
    actions, _ = agent.predict(agent._last_obs, deterministic=False)
    return actions.reshape(len(actions), -1)
