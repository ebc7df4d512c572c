"""What the workers of a study are doing right now, as far as the study knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from optuna.trial import FrozenTrial, TrialState
from rich.table import Table

from hpo.durations import format_duration
from hpo.studies.orders import is_paused
from hpo.studies.study import OpenStudy
from hpo.trials.trial_record import TRAINING_BEGAN_ATTR


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """How far a study is."""

    done: int
    planned: int
    trials_per_hour: float | None
    """None until a trial has finished."""

    @property
    def seconds_left(self) -> float | None:
        """At the speed so far; None without one."""
        if not self.trials_per_hour:
            return None
        return 3600 * max(0, self.planned - self.done) / self.trials_per_hour


def progress(opened: OpenStudy, trials: Sequence[FrozenTrial]) -> StudyProgress:
    """How far `trials` are on the way to what is planned."""
    ended = [t for t in trials if t.state in (TrialState.COMPLETE, TrialState.PRUNED)]
    times = [(t.datetime_start, t.datetime_complete) for t in ended if t.datetime_start and t.datetime_complete]
    hours = (max(end for _, end in times) - min(start for start, _ in times)).total_seconds() / 3600 if times else 0
    # A replay has as many as were enqueued; one that failed was enqueued again.
    enqueued = sum(t.state is not TrialState.FAIL for t in trials)
    return StudyProgress(
        done=len(ended),
        planned=opened.n_trials if opened.definition.replay_of is None else enqueued,
        trials_per_hour=len(ended) / hours if hours else None,
    )


def running_table(opened: OpenStudy) -> Table:
    """One row per running trial: its worker, and how far it is."""
    trials = opened.study.get_trials(deepcopy=False)
    table = Table(title=_title(opened, progress(opened, trials)), title_justify="left")
    for column in ("trial", "host", "worker", "hardware", "for", "of its budget", "latest"):
        table.add_column(column, justify="left" if column in ("host", "hardware") else "right", overflow="fold")
    now = datetime.now()
    for trial in trials:
        if trial.state is TrialState.RUNNING:
            table.add_row(*_row(trial, opened.config.budget, now))
    if not table.row_count:
        table.caption = "no trial is running"
    return table


def _title(opened: OpenStudy, how_far: StudyProgress) -> str:
    speed, left = how_far.trials_per_hour, how_far.seconds_left
    return ", ".join(
        [
            f"study {opened.name}: {how_far.done} of {how_far.planned} trials",
            *([] if speed is None else [f"{speed:.1f} an hour"]),
            *([] if not left else [f"{format_duration(left)} left"]),
            *(["paused"] if is_paused(opened) else []),
        ]
    )


def _row(trial: FrozenTrial, budget_s: float, now: datetime) -> list[str]:
    recorded = trial.user_attrs
    latest = trial.intermediate_values.get(max(trial.intermediate_values, default=0))
    for_s = None if trial.datetime_start is None else (now - trial.datetime_start).total_seconds()
    began_s = recorded.get(TRAINING_BEGAN_ATTR)
    share = None if for_s is None or not isinstance(began_s, int | float) else (for_s - began_s) / budget_s
    return [
        str(trial.number),
        str(recorded.get("host", "-")),
        str(recorded.get("worker_pid", "-")),
        str(recorded.get("hardware", "-")),
        "-" if for_s is None else format_duration(for_s),
        # Without evaluations while it trains, which stop its clock: they are short.
        "0%" if share is None else f"{min(1.0, max(0.0, share)):.0%}",
        "-" if latest is None else f"{latest:.2f}",
    ]
