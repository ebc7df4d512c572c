"""What a worker shows of its trials, and a replay of its runs."""

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpo.durations import format_duration
from hpo.reports.progress_line import progress_line
from hpo.studies.study import OpenStudy
from hpo.terminal.run_bar import RunBar
from hpo.trials.planned_run import planned_run
from hpo.trials.progress import progress
from hpo.trials.record import FinishedRecord, read_record
from objectives.objective import Objective
from objectives.run_result import Progress
from samplers import has_floor_value


class WorkerDisplay:
    """Shows a worker's trials on a `RunBar`, and how far all workers together have come.

    Args:
        bar: Where to show them.
        opened: Their study.
    """

    def __init__(self, bar: RunBar, opened: OpenStudy) -> None:
        self._bar = bar
        self._opened = opened

    def say(self, text: str) -> None:
        """Something that is about no trial."""
        self._bar.say(text)

    def trial_started(self, trial: optuna.Trial) -> None:
        """A trial was asked."""
        self._show_all(said=False)
        self._bar.begin(_label(trial))

    def trial_progressed(self, progress: Progress) -> None:
        """Its run goes on."""
        self._bar.advance(progress)

    def trial_ended(self, trial: FrozenTrial, note: str) -> None:
        """It has its final state."""
        self._bar.end(_outcome(trial, note, self._opened.config.objective))
        self._show_all(said=True)

    def trial_handed_back(self, why: str) -> None:
        """Another trial does its run in its place."""
        self._bar.end(f"handed back: {why}")

    def _show_all(self, said: bool) -> None:
        trials = self._opened.study.get_trials(deepcopy=False)
        how_far = progress(self._opened, trials)
        everything = progress_line(self._opened, how_far)
        line = f"study {self._opened.name}: {', '.join(everything.values())}" if said else None
        # A bar has little room: how far, the best, and the time that is left.
        status = ", ".join(part for name, part in everything.items() if name != "spent")
        self._bar.overall(how_far.done, how_far.planned, status, line)


class ReplayDisplay(WorkerDisplay):
    """Shows a replay's runs, and how many of all of them are done, here or elsewhere.

    Args:
        bar: Where to show them.
        replay: The replay's study.
        done: Planned runs that are finished already; the study may hold others.
        total: Planned runs.
    """

    def __init__(self, bar: RunBar, replay: OpenStudy, done: int, total: int) -> None:
        super().__init__(bar, replay)
        self._others = self._complete() - done
        self._total = total

    def _show_all(self, said: bool) -> None:
        done = self._complete() - self._others
        total = max(done, self._total)
        self._bar.overall(done, total, f"{done} of {total} runs", f"all runs: {done} of {total}" if said else None)

    def _complete(self) -> int:
        return len(self._opened.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def _label(trial: optuna.Trial) -> str:
    planned = planned_run(trial)
    if planned is None:
        return f"trial {trial.number}"
    if planned.seed is None:
        return f"trial {trial.number} ({planned.title})"
    return planned.title


def _outcome(trial: FrozenTrial, note: str, objective: Objective) -> str:
    if trial.state is not TrialState.COMPLETE:
        return f"{'failed' if trial.state is TrialState.FAIL else trial.state.name.lower()} ({note})"
    if has_floor_value(trial):
        return note
    record = read_record(FinishedRecord, trial)
    outside_s = record.startup_s + record.warmup_s + record.evaluation_s
    return (
        f"{objective.label} {trial.value:z.2f} after {format_duration(record.training_s)} of training"
        f"{', ended by max_steps' if record.ended_by_steps else ''} "
        f"({record.num_timesteps:,} steps, replay ratio {record.replay_ratio:.3g}; "
        f"{format_duration(outside_s)} start-up, warm-up and evaluation)" + (f" ({note})" if note else "")
    )
