"""What the workers of a study do at this moment, as far as the study knows."""

import math
from collections.abc import Sequence
from datetime import datetime

from optuna.trial import FrozenTrial, TrialState

from hpo.durations import format_duration
from hpo.studies.study import OpenStudy
from hpo.terminal.whole_table import Column, WholeTable
from hpo.trials.finished_trials import best_trials
from hpo.trials.record import TrialRecord, read_record

_BARS = "▁▂▃▄▅▆▇█"
SPARKLINE_WIDTH = 16


def running_table(opened: OpenStudy, trials: Sequence[FrozenTrial]) -> WholeTable:
    """One row per running trial of `trials`: its worker, and how far it is."""
    table = WholeTable(
        [
            Column("trial"),
            Column("host", left=True, goes=5),
            Column("worker", goes=7),
            Column("hardware", left=True, goes=6),
            Column("for", goes=4),
            Column("of its budget", goes=1),
            Column("latest", goes=0),
            Column("best then", goes=2),
            Column("curve", left=True, goes=3),
        ],
    )
    best = best_trials(opened, 1)
    now = datetime.now()
    for trial in trials:
        if trial.state is TrialState.RUNNING:
            table.add_row(*_row(trial, opened.config.budget, now, best[0] if best else None))
    return table


def _row(trial: FrozenTrial, budget_s: float, now: datetime, best: FrozenTrial | None) -> list[str]:
    record = read_record(TrialRecord, trial)
    reports = trial.intermediate_values
    latest_step = max(reports, default=0)
    latest = reports.get(latest_step)
    best_then = None if best is None else best.intermediate_values.get(latest_step)
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
        "-" if latest is None else f"{latest:z.2f}",
        "-" if best_then is None else f"{best_then:z.2f}",
        sparkline([value for _, value in sorted(reports.items())]),
    ]


def sparkline(values: Sequence[float]) -> str:
    """The latest of `values` as bars, the lowest of them the smallest; empty without any."""
    shown = [value for value in values[-SPARKLINE_WIDTH:] if math.isfinite(value)]
    if not shown:
        return ""
    low, span = min(shown), max(shown) - min(shown)
    return "".join(_BARS[int((value - low) / span * (len(_BARS) - 1)) if span else 0] for value in shown)
