"""`hpo status`: what the studies of a storage are doing."""

import json
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpo.commands import options
from hpo.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, Group

    from hpo.studies.study import OpenStudy

REFRESH_S = 2.0


def status(
    study: options.Study = None,
    storage: options.Storage = None,
    watch: Annotated[bool, typer.Option("--watch", help="Refresh until Ctrl-C.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show each study: trials by state, best value, speed; and of a named one what its workers do.

    Examples:
      hpo status

      hpo status --study sac-speed --watch

      hpo status --study sac-speed --json
    """
    from hpo.console import make_console
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.printable import printable
    from hpo.studies.study import get_study, list_studies

    console = make_console()
    if watch and (as_json or not sys.stdout.isatty()):
        raise UserError("--watch draws on a terminal: leave it out in a pipe, or with --json")
    with open_storage(storage, hpo_home()) as opened_storage:

        def look() -> "tuple[list[OpenStudy], list[str]]":
            """The studies, and what is wrong with those that cannot be read; one that was named must be readable."""
            if study is not None:
                return [get_study(opened_storage, study)], []
            readable, unreadable = [], []
            for name in list_studies(opened_storage):
                try:
                    readable.append(get_study(opened_storage, name))
                except UserError as error:
                    unreadable.append(str(error))
            return readable, unreadable

        if as_json:
            studies, unreadable = look()
            print(json.dumps([_summary(opened) for opened in studies], indent=2))
            for line in unreadable:
                print(f"hpo: {printable(line)}", file=sys.stderr)
        elif watch:
            _watch(console, lambda: _tables(*look(), running=True))
        else:
            console.print(_tables(*look(), running=study is not None))


def _watch(console: "Console", draw: "Callable[[], Group]") -> None:
    from rich.live import Live

    try:
        with Live(draw(), console=console, screen=True, auto_refresh=False) as live:
            while True:
                time.sleep(REFRESH_S)
                live.update(draw(), refresh=True)
    except KeyboardInterrupt:
        return


def _tables(studies: "list[OpenStudy]", unreadable: list[str], running: bool) -> "Group":
    from rich.console import Group
    from rich.table import Table

    from hpo.trials.running_trials import running_table

    table = Table()
    for column in ("study", "task", "trials", "running", "failed", "best", "best trial", "trials/hour"):
        table.add_column(column, justify="left" if column in ("study", "task") else "right", overflow="fold")
    for row in map(_summary, studies):
        table.add_row(
            row["study"], row["task"], f"{row['complete'] + row['pruned']}/{row['n_trials']}", str(row["running"]),
            str(row["fail"]), _format(row["best_value"], ".2f"), _format(row["best_trial"], "d"),
            _format(row["trials_per_hour"], ".1f"),
        )  # fmt: skip
    if not studies:
        table.caption = "no studies yet: hpo worker --study sac-speed creates one"
    return Group(table, *unreadable, *(running_table(opened) for opened in studies if running))


def _summary(opened: "OpenStudy") -> dict[str, Any]:
    from hpo.reports.tables import best_trials, count_states
    from hpo.studies.orders import is_paused
    from hpo.trials.running_trials import progress

    trials = opened.study.get_trials(deepcopy=False)
    how_far = progress(opened, trials)
    # The best run of a replay is only the luckiest.
    best = best_trials(opened, 1) if opened.definition.replay_of is None else []
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
