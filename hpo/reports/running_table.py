"""What the workers of a study do at this moment, as far as the study knows."""

from datetime import datetime

from optuna.trial import FrozenTrial, TrialState
from rich.table import Table

from hpo.durations import format_duration
from hpo.studies.orders import is_paused
from hpo.studies.study import OpenStudy
from hpo.trials.progress import StudyProgress, progress
from hpo.trials.record import TrialRecord, read_record


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
    record = read_record(TrialRecord, trial)
    latest = trial.intermediate_values.get(max(trial.intermediate_values, default=0))
    for_s = None if trial.datetime_start is None else (now - trial.datetime_start).total_seconds()
    began_s = record.training_began_s
    share = None if for_s is None or began_s is None else (for_s - began_s) / budget_s
    return [
        str(trial.number),
        record.host or "-",
        "-" if record.worker_pid is None else str(record.worker_pid),
        record.hardware or "-",
        "-" if for_s is None else format_duration(for_s),
        # Without evaluations while it trains, which stop its clock: they are short.
        "0%" if share is None else f"{min(1.0, max(0.0, share)):.0%}",
        "-" if latest is None else f"{latest:.2f}",
    ]
