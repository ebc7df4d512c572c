"""What the studies of a storage do."""

from typing import Any

from rich.console import Group

from hpo.studies.orders import is_paused
from hpo.studies.study import OpenStudy
from hpo.terminal.whole_table import Column, WholeTable
from hpo.trials.finished_trials import best_trials, count_states
from hpo.trials.progress import progress


def status_table(studies: list[OpenStudy], unreadable: list[str]) -> Group:
    """A table of the studies, and a line for each that cannot be read."""
    table = WholeTable(
        [
            Column("study", left=True),
            Column("task", left=True, goes=3),
            Column("trials"),
            Column("running", goes=1),
            Column("failed", goes=4),
            Column("best", goes=0),
            Column("best trial", goes=2),
            Column("trials/hour", goes=5),
        ],
        caption="" if studies else "no studies yet: hpo worker --study sac-speed creates one",
    )
    for row in map(status_of, studies):
        table.add_row(
            row["study"], row["task"], f"{row['complete'] + row['pruned']}/{row['n_trials']}", str(row["running"]),
            str(row["fail"]), _format(row["best_value"], "z.2f"), _format(row["best_trial"], "d"),
            _format(row["trials_per_hour"], ".1f"),
        )  # fmt: skip
    return Group(table, *unreadable)


def status_of(opened: OpenStudy) -> dict[str, Any]:
    """What `hpo status --json` says of a study."""
    trials = opened.study.get_trials(deepcopy=False)
    how_far = progress(opened, trials)
    # The best run of a replay is only the luckiest.
    best = best_trials(opened, 1) if not opened.ranks_candidates else []
    return {
        "study": opened.name,
        "replay_of": opened.definition.replay_of,
        "task": opened.config.task,
        "hardware": opened.definition.hardware,
        "paused": is_paused(opened),
        "n_trials": how_far.planned,
        **{name.replace(" ", "_"): count for name, count in count_states(trials).items()},
        "best_value": best[0].value if best else None,
        "best_trial": best[0].number if best else None,
        "trials_per_hour": how_far.trials_per_hour,
        "seconds_left": how_far.seconds_left,
    }


def _format(value: float | None, spec: str) -> str:
    return "-" if value is None else format(value, spec)
