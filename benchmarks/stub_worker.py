"""A worker in which everything is real but the training: its runner answers at once."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from hpo.database.resilient_storage import ResilientStorage
from hpo.hardware import Hardware
from hpo.runs.runner import Runner
from hpo.studies.orders import Orders
from hpo.studies.study import OpenStudy, attach_sampler, find_study
from hpo.terminal.stop_signals import StopSignals
from hpo.trials.trial_runs import TrialRuns
from hpo.worker import Quota, Worker, Workplace
from objectives.run_result import CurvePoint, Evaluation, Progress, RunResult
from objectives.run_spec import RunSpec

HARDWARE = Hardware("cpu", "stub", None, None)


class StubRunner(Runner):
    """The trivial objective: a result that follows from the hyperparameters, and no child process.

    Args:
        reports: Points of the learning curve, each reported to the study.
    """

    def __init__(self, reports: int) -> None:
        super().__init__(HARDWARE, Path("cache"), Path("worker.log"))
        self._reports = reports

    def run(self, spec: RunSpec, on_progress: Callable[[Progress], bool], interrupted: Callable[[], bool]) -> RunResult:
        interrupted()
        final = -abs(float(spec.hyperparameters["learning_rate"]) - 4e-4) * 1e4
        elapsed_s = [n * spec.budget_s / self._reports for n in range(1, self._reports + 1)]
        curve = tuple(CurvePoint(elapsed_s=s, num_timesteps=round(s), mean_return=final) for s in elapsed_s)
        for point in curve:
            on_progress(Progress(phase="training", point=point))
        evaluation = Evaluation(
            mean_return=final, std_return=1.0, iqm_return=final, n_episodes=512, mean_episode_length=1000.0,
            timeout_rate=1.0, success_rate=None,
        )  # fmt: skip
        return RunResult(
            evaluation=evaluation, diverged=None, num_timesteps=1, total_gradient_steps=1, steps_per_s=1.0,
            gradient_steps_per_s=1.0, startup_s=0.0, warmup_s=0.0, training_s=spec.budget_s, overshoot_s=0.0,
            evaluation_s=0.0, warmup_compilations=0, budget_compilations=0, device="cpu", curriculum_level=None,
            reached_s=None, learning_curve=curve,
        )  # fmt: skip


class TimedStorage(ResilientStorage):
    """Adds up the seconds that the main thread waits for the storage; heartbeats have a thread of their own."""

    seconds = 0.0
    _depth = 0

    def _timed[T](self, call: Callable[[], T]) -> T:
        if threading.current_thread() is not threading.main_thread() or self._depth:
            return call()
        self._depth, started_at = 1, time.perf_counter()
        try:
            return call()
        finally:
            self._depth = 0
            self.seconds += time.perf_counter() - started_at

    def _repeat[**P, T](self, operation: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._timed(lambda: super(TimedStorage, self)._repeat(operation, *args, **kwargs))

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Any = None) -> bool:
        return self._timed(lambda: super(TimedStorage, self).set_trial_state_values(trial_id, state, values))

    def ask_study_user_attrs(self, study_id: int) -> dict[str, Any] | None:
        return self._timed(lambda: super(TimedStorage, self).ask_study_user_attrs(study_id))


@dataclass
class TrialTimes:
    """A worker's display that notes, from the end of one trial to the end of the next, where the time went."""

    storage: TimedStorage
    numbers: list[int] = field(default_factory=list)
    storage_s: list[float] = field(default_factory=list)
    whole_s: list[float] = field(default_factory=list)

    def begin(self) -> None:
        """From now on the first trial is timed."""
        self._storage_s, self._at = self.storage.seconds, time.perf_counter()

    def say(self, text: str) -> None:
        """Nobody reads it."""

    def trial_started(self, trial: optuna.Trial) -> None:
        """It was asked."""

    def trial_progressed(self, progress: Progress) -> None:
        """Its run goes on."""

    def trial_ended(self, trial: FrozenTrial, note: str) -> None:  # noqa: ARG002
        """It is stored."""
        self.numbers.append(trial.number)
        self.storage_s.append(self.storage.seconds - self._storage_s)
        self.whole_s.append(time.perf_counter() - self._at)
        self.begin()


class Warnings(logging.Handler):
    """What the storage told its user about the database."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def work(storage: BaseStorage, study: str, quota: Quota, reports: int) -> TrialTimes:
    """Works on the study as `hpo worker` does, with the stub for a runner."""
    assert isinstance(storage, ResilientStorage)
    timed = TimedStorage(storage.inner)
    found = find_study(timed, study)
    assert found is not None
    opened: OpenStudy = attach_sampler(found)
    times = TrialTimes(timed)
    with StopSignals(drain=False) as signals:
        runner = StubRunner(reports)
        runs = TrialRuns(opened, HARDWARE.device, ())
        worker = Worker(Workplace(opened, runs, HARDWARE, runner, Orders(signals, opened), times), quota)
        times.begin()
        worker.work()
    return times
