"""All studies of a storage at a glance."""

from datetime import datetime
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from hpo.studies.orders import is_paused
from hpo.studies.study import OpenStudy
from hpo.terminal.whole_table import Column, WholeTable
from hpo.trials.finished_trials import best_trials
from hpo.trials.progress import progress


def study_row(opened: OpenStudy) -> dict[str, Any]:
    """What is known of a study: kind, state, best honest value, trials, and when anything happened last."""
    trials = opened.study.get_trials(deepcopy=False)
    how_far = progress(opened, trials)
    replay = opened.is_replay
    # The best run of a replay is only the luckiest.
    best = [] if replay else best_trials(opened, 1)
    latest = max((moment for trial in trials if (moment := _latest(trial)) is not None), default=None)
    return {
        "study": opened.name,
        "kind": "replay" if replay else "search",
        "state": _state(opened, trials, how_far.done >= how_far.planned),
        "task": opened.config.task,
        "best_value": best[0].value if best else None,
        "done": how_far.done,
        "n_trials": how_far.planned,
        "last_activity": None if latest is None else latest.isoformat(sep=" ", timespec="seconds"),
    }


def studies_table(rows: list[dict[str, Any]]) -> WholeTable:
    """`study_row`s for people."""
    table = WholeTable(
        [
            Column("study", left=True),
            Column("kind", left=True, goes=2),
            Column("state", left=True, goes=0),
            Column("task", left=True, goes=3),
            Column("best", goes=1),
            Column("trials"),
            Column("last activity", left=True, goes=4),
        ],
        caption="" if rows else "no studies yet: hpo worker --study sac-speed creates one",
    )
    for row in rows:
        best = "-" if row["best_value"] is None else f"{row['best_value']:z.2f}"
        table.add_row(
            row["study"], row["kind"], row["state"], row["task"], best, f"{row['done']}/{row['n_trials']}",
            (row["last_activity"] or "-")[:16],
        )  # fmt: skip
    return table


def _state(opened: OpenStudy, trials: list[FrozenTrial], complete: bool) -> str:
    if any(trial.state is TrialState.RUNNING for trial in trials):
        return "running"
    if complete:
        return "complete"
    return "paused" if is_paused(opened) else "waiting"


def _latest(trial: FrozenTrial) -> datetime | None:
    return trial.datetime_complete or trial.datetime_start
