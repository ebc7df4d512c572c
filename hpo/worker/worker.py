"""The supervisor: asks the study for trials, one after another, until there is a reason to leave."""

import time
from dataclasses import dataclass

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpo.database.attributes import REFUSED_ATTR
from hpo.database.trial_slots import StudyCompleteError, retry_trial
from hpo.errors import UserError
from hpo.runs.runner import RunInterruptedError, RunnerCrashedError
from hpo.trials.floor_values import settle
from hpo.trials.late_results import finished_by_others
from hpo.worker.attempt import Attempt, FirstSimulatorFaultError, Workplace
from objectives.errors import ConfigurationError

CRASHES_IN_A_ROW = 3
"""After so many the machine or the task is broken, and more trials would only fail as well."""
REFUSALS_IN_A_ROW = 20
"""After so many the search space does not fit this machine."""
PAUSE_S = 2.0
"""How long a stop signal may go unnoticed by a worker that waits."""


@dataclass(frozen=True, slots=True)
class Quota:
    """When this worker leaves, beside the study's own number of trials."""

    trials: int | None = None
    """Trials that this worker finishes."""
    duration_s: float | None = None
    """No trial starts after so many seconds."""


class Worker:
    """One worker on one study.

    Args:
        place: What it works with.
        quota: When it leaves before the study is complete.
    """

    def __init__(self, place: Workplace, quota: Quota | None = None) -> None:
        self._place = place
        self._quota = quota or Quota()
        self._attempt: Attempt | None = None
        self._finished = 0
        self._crashes_in_a_row = 0
        self._refusals_in_a_row = 0
        self._says_paused = False

    def work(self) -> int:
        """Works until the study is complete, the quota is reached, or a signal or an order says stop.

        Returns:
            Trials that this worker finished.

        Raises:
            UserError: No trial can run as configured, or too many in a row crashed or were refused.
        """
        started_at = time.monotonic()
        self._finished = self._crashes_in_a_row = self._refusals_in_a_row = 0
        while not self._place.orders.stop_after_trial() and not self._quota_reached(started_at):
            if self._paused():
                continue
            try:
                # One trial a call: Optuna sends heartbeats and reaps dead workers' trials only inside `optimize`.
                self._place.opened.study.optimize(
                    self._objective,
                    n_trials=1,
                    catch=(RunnerCrashedError, FirstSimulatorFaultError),
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
        paused = self._place.orders.paused()
        if paused != self._says_paused:
            self._says_paused = paused
            message = "the study is paused: waiting for hpo resume" if paused else "the study goes on"
            self._place.display.say(message)
        if paused:
            time.sleep(PAUSE_S)
        return paused

    def _objective(self, trial: optuna.Trial) -> float:
        self._attempt = Attempt(self._place, trial)
        return self._attempt.value()

    def _ended(self, study: optuna.Study, trial: FrozenTrial) -> None:
        attempt = self._latest_attempt()
        settle(study)
        if attempt.simulator_fault is not None:
            retry_trial(study, trial, lost=False, simulator_fault=attempt.simulator_fault)
            self._place.display.trial_handed_back(attempt.note)
            return
        self._place.display.trial_ended(trial, attempt.note)
        self._finished += 1
        self._crashes_in_a_row = self._crashes_in_a_row + 1 if trial.state is TrialState.FAIL else 0
        self._refusals_in_a_row = self._refusals_in_a_row + 1 if REFUSED_ATTR in trial.user_attrs else 0
        if self._refusals_in_a_row == REFUSALS_IN_A_ROW:
            raise UserError(
                f"{REFUSALS_IN_A_ROW} trials in a row were {attempt.note}: narrow the search space, or use a machine "
                "with more memory"
            )
        if self._crashes_in_a_row == CRASHES_IN_A_ROW:
            raise UserError(
                f"{CRASHES_IN_A_ROW} trials in a row crashed, the last with: {attempt.note}. "
                "Each trial's note in the dashboard has the runner's last output"
            )

    def _deliver_late(self) -> None:
        attempt = self._latest_attempt()
        late = attempt.deliver_late()
        if late is not None:
            self._ended(self._place.opened.study, late)
            return
        self._place.display.trial_ended(attempt.frozen(), "another worker finished it")

    def _hand_back(self, why: str) -> None:
        retry_trial(self._place.opened.study, self._latest_attempt().frozen(), lost=False)
        self._place.display.trial_handed_back(why)

    def _latest_attempt(self) -> Attempt:
        assert self._attempt is not None  # trials end only after they began
        return self._attempt

    def _quota_reached(self, started_at: float) -> bool:
        if self._quota.trials is not None and self._finished >= self._quota.trials:
            return True
        return self._quota.duration_s is not None and time.monotonic() - started_at >= self._quota.duration_s
