"""When the clock starts and when it ends training."""

import time
from collections.abc import Callable

from stable_baselines3.common.callbacks import BaseCallback


class TimeoutCallback(BaseCallback):
    """Ends `learn` in the step after `budget_s` wall-clock seconds of training.

    The clock starts when `learn` has reset the environments and is about to take its first step, so it counts
    environment steps, replay and gradient steps, and nothing that came before: start-up, compilation, warm-up.

    Args:
        budget_s: Seconds of training.
        clock: Monotonic seconds.
    """

    def __init__(self, budget_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.budget_s = budget_s
        self._clock = clock
        self._started_at: float | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds since training started; 0 before."""
        return 0.0 if self._started_at is None else self._clock() - self._started_at

    def expired(self) -> bool:
        """Whether the budget is used up."""
        return self.elapsed_s >= self.budget_s

    def _on_training_start(self) -> None:
        self._started_at = self._clock()

    def _on_step(self) -> bool:
        return not self.expired()
