"""The supervisor: asks the study for trials, has the runner run them, tells the results."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpo.database.attributes import SIMULATOR_FAULT_ATTR
from hpo.database.trial_slots import StudyCompleteError, retry_trial
from hpo.errors import UserError
from hpo.hardware import Hardware
from hpo.runs.runner import RunAbandonedError, RunInterruptedError, Runner, RunnerCrashedError
from hpo.studies.orders import Orders
from hpo.studies.study import OpenStudy
from hpo.trials.floor_values import first_floor, settle
from hpo.trials.late_results import deliver, finished_by_others, has_result
from hpo.trials.record_writing import (
    record_crash,
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
from samplers import REFUSED_ATTR

CRASHES_IN_A_ROW = 3
"""After so many the machine or the task is broken, and more trials would only fail as well."""


REFUSALS_IN_A_ROW = 20
"""After so many the search space does not fit this machine."""


PAUSE_S = 2.0
"""How long a stop signal may go unnoticed by a worker that waits."""


class _SimulatorFaultError(Exception):
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
class Quota:
    """When this worker leaves, beside the study's own number of trials."""

    trials: int | None = None
    """Trials that this worker finishes."""
    duration_s: float | None = None
    """No trial starts after so many seconds."""


@dataclass
class Worker:
    """One worker on one study."""

    opened: OpenStudy
    runs: TrialRuns
    hardware: Hardware
    runner: Runner
    orders: Orders
    display: Display
    quota: Quota = field(default_factory=Quota)

    def work(self) -> int:
        """Works until the study is complete, the quota is reached, or a signal or an order says stop.

        Returns:
            Trials that this worker finished.

        Raises:
            UserError: No trial can run as configured, or too many in a row crashed or were refused.
        """
        started_at = time.monotonic()
        self._finished = 0
        self._crashes = 0
        self._refusals = 0
        self._waiting = False
        while not self.orders.stop_after_trial() and not self._quota_reached(started_at):
            if self._paused():
                continue
            try:
                # One trial a call: Optuna sends heartbeats and reaps dead workers' trials only inside `optimize`.
                self.opened.study.optimize(
                    self._objective,
                    n_trials=1,
                    catch=(RunnerCrashedError, _SimulatorFaultError),
                    callbacks=[self._ended],
                )
            except StudyCompleteError:
                break
            except ValueError as error:
                if not finished_by_others(error):
                    raise
                self._deliver_late()
            except RunInterruptedError:
                self._hand_back("the worker was stopped")
            except ConfigurationError as error:
                self._hand_back("the run cannot work as configured here")
                raise UserError(str(error)) from error
        return self._finished

    def _paused(self) -> bool:
        """Whether the study is paused; if so, after a while."""
        paused = self.orders.paused()
        if paused != self._waiting:
            self._waiting = paused
            self.display.say("the study is paused: waiting for hpo resume" if paused else "the study goes on")
        if paused:
            time.sleep(PAUSE_S)
        return paused

    def _objective(self, trial: optuna.Trial) -> float:
        self._trial = trial
        self._note = ""
        self._last_step = 0
        self._began = time.monotonic()
        self._trains = False
        self._taken_over = False
        self._simulator_fault: str | None = None
        self._finish: Callable[[optuna.Trial], float] | None = None
        self.display.trial_started(trial)
        spec = self.runs.of(trial)
        record_start(trial, spec, self.hardware, self.runner.log_path)
        try:
            result = self.runner.run(spec, self._progressed, self.orders.stop_now)
        except RunnerCrashedError as crash:
            self._note = crash.reason
            record_crash(trial, spec, crash)
            raise
        except RunAbandonedError as error:
            self._note = f"pruned after {self._last_step} s of training"
            raise optuna.TrialPruned(self._note) from error
        except TooLargeError as error:
            if self.opened.definition.replay_of is not None:
                # Of a candidate that ran elsewhere it says something of this machine, and nothing of the candidate.
                raise ConfigurationError(f"{error}: replay it on a larger machine") from error
            self._note = f"refused: {error}"
            record_refusal(trial, spec, str(error))
            return first_floor(trial, self.opened.config.objective, (), spec.budget_s)
        if result.simulator_fault and SIMULATOR_FAULT_ATTR not in trial.user_attrs:
            self._simulator_fault = result.diverged
            self._note = f"{result.diverged}; once more, with another seed"
            record_simulator_fault(trial, spec, result)
            raise _SimulatorFaultError
        self._finish = partial(self._recorded, spec=spec, result=result)
        return self._finish(trial)

    def _recorded(self, trial: optuna.Trial, spec: RunSpec, result: RunResult) -> float:
        """Writes what a run gave to `trial`, and gives its value."""
        record_result(trial, spec, result)
        if result.evaluation is None:
            self._note = f"diverged: {result.diverged}"
            return first_floor(trial, self.opened.config.objective, result.learning_curve, spec.budget_s)
        return self.opened.config.objective.value(result, spec.budget_s)

    def _progressed(self, progress: Progress) -> bool:
        """Forwards a sign of life to the study; gives whether the run shall go on."""
        self.display.trial_progressed(progress)
        if progress.phase == "training" and not self._trains:
            self._trains = True
            # Others may have finished the trial: the next report finds that.
            with suppress(optuna.exceptions.UpdateFinishedTrialError):
                record_training_began(self._trial, time.monotonic() - self._began)
        point = progress.point
        report = None if point is None else self.opened.config.objective.report(point)
        if point is None or report is None:
            return True
        # The multiple of the interval that the point stands for: pruners compare trials at equal steps only.
        every_s = self.opened.config.report_every
        step = round(point.elapsed_s // every_s * every_s)
        if step <= self._last_step:
            return True
        self._last_step = step
        try:
            self._trial.report(report, step)
        except optuna.exceptions.UpdateFinishedTrialError:
            return self._goes_on_after_being_taken_over()
        return not self._trial.should_prune()

    def _goes_on_after_being_taken_over(self) -> bool:
        """Whether a run whose trial others finished is still of use."""
        if has_result(self.opened.study, self._trial.number):
            return False
        if not self._taken_over:
            self._taken_over = True
            trial = f"trial {self._trial.number}"
            self.display.say(f"{trial} was taken for dead by another worker: it goes on, and the first result counts")
        return True

    def _deliver_late(self) -> None:
        """Others finished the trial before its run ended: a result is kept unless they have one."""
        number = self._trial.number
        late = None if self._finish is None else deliver(self.opened.study, number, self._finish)
        if late is not None:
            self._note = f"taken for dead meanwhile: kept as trial {late.number}"
            self._ended(self.opened.study, late)
            return
        self.display.trial_ended(self._trial.storage.get_trial(self._trial._trial_id), "another worker finished it")

    def _ended(self, study: optuna.Study, trial: FrozenTrial) -> None:
        settle(study)
        if self._simulator_fault is not None:
            retry_trial(study, trial, lost=False, simulator_fault=self._simulator_fault)
            self.display.trial_handed_back(self._note)
            return
        self.display.trial_ended(trial, self._note)
        self._finished += 1
        self._crashes = self._crashes + 1 if trial.state is TrialState.FAIL else 0
        self._refusals = self._refusals + 1 if REFUSED_ATTR in trial.user_attrs else 0
        if self._refusals == REFUSALS_IN_A_ROW:
            raise UserError(
                f"{REFUSALS_IN_A_ROW} trials in a row were {self._note}: narrow the search space, or use a machine "
                "with more memory"
            )
        if self._crashes == CRASHES_IN_A_ROW:
            raise UserError(
                f"{CRASHES_IN_A_ROW} trials in a row crashed, the last with: {self._note}. "
                "Each trial's note in the dashboard has the runner's last output"
            )

    def _hand_back(self, why: str) -> None:
        frozen = self._trial.storage.get_trial(self._trial._trial_id)
        retry_trial(self.opened.study, frozen, lost=False)
        self.display.trial_handed_back(why)

    def _quota_reached(self, started_at: float) -> bool:
        if self.quota.trials is not None and self._finished >= self.quota.trials:
            return True
        return self.quota.duration_s is not None and time.monotonic() - started_at >= self.quota.duration_s
