"""When the clock starts and when it ends training."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
        self._stopped_at: float | None = None

    @property
    def has_started(self) -> bool:
        """Whether training has begun."""
        return self._started_at is not None

    @property
    def elapsed_s(self) -> float:
        """Seconds since training started, without those in which the clock stood still; 0 before."""
        if self._started_at is None:
            return 0.0
        now = self._clock() if self._stopped_at is None else self._stopped_at
        return now - self._started_at

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """What happens in this context is not part of the budget."""
        assert self._started_at is not None
        self._stopped_at = self._clock()
        try:
            yield
        finally:
            self._started_at += self._clock() - self._stopped_at
            self._stopped_at = None

    def expired(self) -> bool:
        """Whether the budget is used up."""
        return self.elapsed_s >= self.budget_s

    def _on_training_start(self) -> None:
        self._started_at = self._clock()

    def _on_step(self) -> bool:
        return not self.expired()
