"""`hpo status`: what the studies of a storage are doing."""

import json
from typing import TYPE_CHECKING, Any

from hpo.commands import options

if TYPE_CHECKING:
    from hpo.study import OpenStudy


def status(study: options.Study = None, storage: options.Storage = None, as_json: options.Json = False) -> None:
    """Show each study: trials by state, best value, speed.

    Examples:
      hpo status

      hpo status --study sac-speed --json
    """
    from rich.table import Table

    from hpo.console import make_console
    from hpo.home import hpo_home
    from hpo.storage import open_storage
    from hpo.study import get_study, list_studies

    with open_storage(storage, hpo_home()) as opened_storage:
        names = list_studies(opened_storage) if study is None else [study]
        rows = [_summary(get_study(opened_storage, name)) for name in names]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    table = Table()
    for column in ("study", "task", "trials", "running", "failed", "best", "best trial", "trials/hour"):
        table.add_column(column, justify="left" if column in ("study", "task") else "right", overflow="fold")
    for row in rows:
        table.add_row(
            row["study"], row["task"], f"{row['complete'] + row['pruned']}/{row['n_trials']}", str(row["running"]),
            str(row["fail"]), _format(row["best_value"], ".2f"), _format(row["best_trial"], "d"),
            _format(row["trials_per_hour"], ".1f"),
        )  # fmt: skip
    if not rows:
        table.caption = "no studies yet: hpo worker --study sac-speed creates one"
    make_console().print(table)


def _summary(opened: "OpenStudy") -> dict[str, Any]:
    from optuna.trial import TrialState

    from hpo.tables import best_trials

    trials = opened.study.get_trials(deepcopy=False)
    # The best run of a replay is only the luckiest.
    best = best_trials(opened, 1) if opened.definition.replay_of is None else []
    ended = [t.datetime_complete for t in trials if t.state is TrialState.COMPLETE and t.datetime_complete]
    begun = [t.datetime_start for t in trials if t.state is TrialState.COMPLETE and t.datetime_start]
    hours = (max(ended) - min(begun)).total_seconds() / 3600 if ended and begun else 0
    # A replay has as many as were enqueued; one that failed was enqueued again.
    enqueued = sum(t.state is not TrialState.FAIL for t in trials)
    return {
        "study": opened.name,
        "replay_of": opened.definition.replay_of,
        "task": opened.config.task,
        "hardware": opened.definition.hardware,
        "n_trials": opened.config.n_trials if opened.definition.replay_of is None else enqueued,
        **{state.name.lower(): sum(t.state is state for t in trials) for state in TrialState},
        "best_value": best[0].value if best else None,
        "best_trial": best[0].number if best else None,
        "trials_per_hour": len(ended) / hours if hours else None,
    }


def _format(value: float | None, spec: str) -> str:
    return "-" if value is None else format(value, spec)
