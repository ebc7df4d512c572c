"""One attempt at a trial: its run, what it tells the study while it goes on, and its result."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import optuna
from optuna.trial import FrozenTrial

from hpo.database.attributes import SIMULATOR_FAULT_ATTR
from hpo.hardware import Hardware
from hpo.runs.runner import RunAbandonedError, Runner, RunnerCrashedError
from hpo.studies.orders import Orders
from hpo.studies.study import OpenStudy
from hpo.trials.floor_values import first_floor
from hpo.trials.kept_policies import keep_policy
from hpo.trials.late_results import deliver, has_result
from hpo.trials.record_writing import (
    record_crash,
    record_policy_kept,
    record_refusal,
    record_result,
    record_simulator_fault,
    record_start,
    record_training_began,
)
from hpo.trials.trial_runs import TrialRuns
from objectives.errors import ConfigurationError, TooLargeError
from objectives.run_result import Progress, RunResult
from objectives.run_spec import RunSpec


class FirstSimulatorFaultError(Exception):
    """A run diverged since the simulator's numbers were not finite, for the first time in its slot."""


class Display(Protocol):
    """Shows a person what the worker does."""

    def say(self, text: str) -> None:
        """Something that is about no trial."""

    def trial_started(self, trial: optuna.Trial) -> None:
        """A trial was asked."""

    def trial_progressed(self, progress: Progress) -> None:
        """Its run goes on."""

    def trial_ended(self, trial: FrozenTrial, note: str) -> None:
        """It has its final state; `note` says why it has no value."""

    def trial_handed_back(self, why: str) -> None:
        """Another trial does its run in its place."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a worker works with."""

    opened: OpenStudy
    runs: TrialRuns
    hardware: Hardware
    runner: Runner
    orders: Orders
    display: Display


class Attempt:
    """An attempt at `trial`.

    Args:
        place: What the worker works with.
        trial: A trial that was just asked.
    """

    def __init__(self, place: Workplace, trial: optuna.Trial) -> None:
        self.trial = trial
        self.note = ""
        """Why the trial has no value of its own, for people."""
        self.simulator_fault: str | None = None
        """What the simulator did, where the run is to be done once more."""
        self._place = place
        self._began = time.monotonic()
        self._last_step = 0
        self._trains = False
        self._taken_over = False
        self._finish: Callable[[optuna.Trial], float] | None = None

    def value(self) -> float:
        """Runs what the trial asks for, and gives its value.

        Raises:
            RunnerCrashedError: The run has no result.
            FirstSimulatorFaultError: It is to be done once more.
            RunInterruptedError: A signal or an order says to hand the trial back.
            ConfigurationError: It cannot run as configured.
            optuna.TrialPruned: The pruner ended it.
        """
        place, trial = self._place, self.trial
        place.display.trial_started(trial)
        spec = place.runs.of(trial)
        record_start(trial, spec, place.hardware, place.runner.log_path)
        policies: list[bytes] = []
        try:
            result = place.runner.run(spec, self._progressed, place.orders.stop_now, policies.append)
        except RunnerCrashedError as crash:
            self.note = crash.reason
            record_crash(trial, spec, crash)
            raise
        except RunAbandonedError as error:
            self.note = f"pruned after {self._last_step} s of training"
            raise optuna.TrialPruned(self.note) from error
        except TooLargeError as error:
            return self._refused(spec, error)
        if result.simulator_fault and SIMULATOR_FAULT_ATTR not in trial.user_attrs:
            self.simulator_fault = result.diverged
            self.note = f"{result.diverged}; once more, with another seed"
            record_simulator_fault(trial, spec, result)
            raise FirstSimulatorFaultError
        self._finish = partial(self._recorded, spec=spec, result=result, policies=policies)
        return self._finish(trial)

    def deliver_late(self) -> FrozenTrial | None:
        """Others finished the trial before its run ended: gives the trial that keeps its result.

        None if there is no result, or another one was first.
        """
        late = None if self._finish is None else deliver(self._place.opened.study, self.trial.number, self._finish)
        if late is not None:
            self.note = f"taken for dead meanwhile: kept as trial {late.number}"
        return late

    def frozen(self) -> FrozenTrial:
        """The trial as it is stored now."""
        return self.trial.storage.get_trial(self.trial._trial_id)

    def _refused(self, spec: RunSpec, error: TooLargeError) -> float:
        if self._place.opened.is_replay:
            # Of a candidate that ran elsewhere it says something of this machine, and nothing of the candidate.
            raise ConfigurationError(f"{error}: replay it on a larger machine") from error
        self.note = f"refused: {error}"
        record_refusal(self.trial, spec, str(error))
        return first_floor(self.trial, self._place.opened.config.objective, (), spec.budget_s)

    def _recorded(self, trial: optuna.Trial, spec: RunSpec, result: RunResult, policies: list[bytes]) -> float:
        """Writes what a run gave to `trial`, and gives its value."""
        objective = self._place.opened.config.objective
        record_result(trial, spec, result)
        if result.evaluation is None:
            self.note = f"diverged: {result.diverged}"
            return first_floor(trial, objective, result.learning_curve, spec.budget_s)
        value = objective.value(result, spec.budget_s)
        for policy in policies:
            self._keep(trial, value, policy)
        return value

    def _keep(self, trial: optuna.Trial, value: float, policy: bytes) -> None:
        """Keeps the policy, if it is one to keep; a store that fails costs the policy, and not the trial."""
        began = time.monotonic()
        try:
            kept = keep_policy(self._place.opened, trial, value, policy)
        except Exception as error:  # noqa: BLE001  (each store has its own)
            what = " ".join(str(error).split())
            self._place.display.say(f"trial {trial.number}: its policy could not be kept: {what}")
            return
        if kept:
            record_policy_kept(trial, len(policy), time.monotonic() - began)

    def _progressed(self, progress: Progress) -> bool:
        """Forwards a sign of life to the study; gives whether the run shall go on."""
        self._place.display.trial_progressed(progress)
        if progress.phase == "training" and not self._trains:
            self._trains = True
            # Others may have finished the trial: the next report finds that.
            with suppress(optuna.exceptions.UpdateFinishedTrialError):
                record_training_began(self.trial, time.monotonic() - self._began)
        config, point = self._place.opened.config, progress.point
        report = None if point is None else config.objective.report(point)
        if point is None or report is None:
            return True
        # The multiple of the interval that the point stands for: pruners compare trials at equal steps only.
        step = round(point.elapsed_s // config.report_every * config.report_every)
        if step <= self._last_step:
            return True
        self._last_step = step
        try:
            self.trial.report(report, step)
        except optuna.exceptions.UpdateFinishedTrialError:
            return self._goes_on_after_being_taken_over()
        return not self.trial.should_prune()

    def _goes_on_after_being_taken_over(self) -> bool:
        """Whether a run whose trial others finished is still of use."""
        if has_result(self._place.opened.study, self.trial.number):
            return False
        if not self._taken_over:
            self._taken_over = True
            self._place.display.say(
                f"trial {self.trial.number} was taken for dead by another worker: it goes on, and the first result "
                "counts"
            )
        return True
