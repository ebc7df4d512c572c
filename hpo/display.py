"""What a run shows: a progress bar on a terminal, one line per event elsewhere."""

from typing import Self

import optuna
from optuna.trial import FrozenTrial, TrialState
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from hpo.durations import format_duration
from hpo.printable import printable
from hpo.studies.study import OpenStudy
from hpo.trials.planned_run import planned_run
from hpo.trials.record import FinishedRecord, read_record
from objectives.objective import Objective
from objectives.run_result import Progress
from samplers import has_floor_value


class RunBar:
    """Shows one run after another; use as a context.

    Args:
        console: Where to write.
        budget_s: Seconds of training of a run.
    """

    def __init__(self, console: Console, budget_s: float) -> None:
        self.console = console
        self._budget_s = budget_s
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[status]}", markup=False),
            console=console,
            # Twice a second keeps the supervisor under one percent of a core.
            refresh_per_second=2,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar: TaskID | None = None
        self._overall: TaskID | None = None
        self._label = ""
        self._phase = ""
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def begin(self, label: str) -> None:
        """A run starts."""
        self._label = printable(label)
        self._phase = ""
        self._said = set()
        self._bar = self._bars.add_task(self._label, total=self._budget_s, status="")

    def advance(self, progress: Progress) -> None:
        """It goes on."""
        assert self._bar is not None
        if progress.phase != self._phase:
            self._phase = progress.phase
            self._bars.update(self._bar, status=progress.phase)
            if not self.console.is_terminal and progress.phase not in self._said:
                self._said.add(progress.phase)  # evaluations while training come again and again
                self.console.print(f"{self._label}: {progress.phase}", highlight=False)
        if progress.share is not None:
            self._bars.update(self._bar, total=1.0, completed=progress.share)
        if progress.point is not None:
            point = progress.point
            mean_return = "no episode yet" if point.mean_return is None else f"training return {point.mean_return:.1f}"
            self._bars.update(
                self._bar, completed=point.elapsed_s, status=f"{point.num_timesteps:,} steps, {mean_return}"
            )

    def overall(self, done: int, total: int) -> None:
        """Shows how many of several runs are done."""
        if self._overall is None:
            self._overall = self._bars.add_task("all runs", total=total, status="")
        self._bars.update(self._overall, completed=done, total=total, status=f"{done} of {total}")

    def say(self, text: str) -> None:
        """Prints a line above the bars."""
        self.console.print(text, highlight=False, soft_wrap=True)

    def end(self, outcome: str) -> None:
        """It is over."""
        assert self._bar is not None
        self._bars.remove_task(self._bar)
        self._bar = None
        self.say(f"{self._label}: {outcome}")


class WorkerDisplay:
    """Shows a worker's trials on a `RunBar`.

    Args:
        bar: Where to show them.
        objective: What their values are.
    """

    def __init__(self, bar: RunBar, objective: Objective) -> None:
        self._bar = bar
        self._objective = objective

    def say(self, text: str) -> None:
        """Something that is about no trial."""
        self._bar.say(text)

    def trial_started(self, trial: optuna.Trial) -> None:
        """A trial was asked."""
        self._bar.begin(_label(trial))

    def trial_progressed(self, progress: Progress) -> None:
        """Its run goes on."""
        self._bar.advance(progress)

    def trial_ended(self, trial: FrozenTrial, note: str) -> None:
        """It has its final state."""
        self._bar.end(_outcome(trial, note, self._objective))

    def trial_handed_back(self, why: str) -> None:
        """Another trial does its run in its place."""
        self._bar.end(f"handed back: {why}")


class ReplayDisplay(WorkerDisplay):
    """Shows a replay's runs, and how many of all of them are done, here or elsewhere.

    Args:
        bar: Where to show them.
        replay: The replay's study.
        done: Planned runs that are finished already; the study may hold others.
        total: Planned runs.
    """

    def __init__(self, bar: RunBar, replay: OpenStudy, done: int, total: int) -> None:
        super().__init__(bar, replay.config.objective)
        self._replay = replay
        self._others = self._complete() - done
        self._total = total

    def trial_started(self, trial: optuna.Trial) -> None:
        """A run was taken up."""
        done = self._complete() - self._others
        self._bar.overall(done, max(done, self._total))
        super().trial_started(trial)

    def _complete(self) -> int:
        return len(self._replay.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def _label(trial: optuna.Trial) -> str:
    planned = planned_run(trial)
    if planned is None:
        return f"trial {trial.number}"
    if planned.seed is None:
        return f"trial {trial.number} ({planned.candidate})"
    return f"{planned.candidate}, seed {planned.seed}"


def _outcome(trial: FrozenTrial, note: str, objective: Objective) -> str:
    if trial.state is not TrialState.COMPLETE:
        return f"{'failed' if trial.state is TrialState.FAIL else trial.state.name.lower()} ({note})"
    if has_floor_value(trial):
        return note
    record = read_record(FinishedRecord, trial)
    outside_s = record.startup_s + record.warmup_s + record.evaluation_s
    return (
        f"{objective.label} {trial.value:.2f} after {format_duration(record.training_s)} of training "
        f"({record.num_timesteps:,} steps, replay ratio {record.replay_ratio:.3g}; "
        f"{format_duration(outside_s)} start-up, warm-up and evaluation)" + (f" ({note})" if note else "")
    )
