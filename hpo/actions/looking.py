"""Commands that show what a storage holds."""

import json
import sys
import time
from collections.abc import Callable
from typing import Literal

from optuna.storages import BaseStorage
from rich.console import Console, Group
from rich.live import Live

from hpo.database.storage import open_storage
from hpo.errors import UserError
from hpo.files.home import hpo_home
from hpo.replays.replay_study import get_source
from hpo.reports.all_trials import all_trials, trial_lines, trials_csv
from hpo.reports.status_table import status_of, status_table
from hpo.reports.studies_table import studies_table, study_row
from hpo.reports.study_now import is_running, study_now
from hpo.reports.trial_log import trial_log
from hpo.reports.trials_table import best_records, best_table
from hpo.studies.study import OpenStudy, get_study, list_studies, while_it_is_there
from hpo.terminal.console import make_console
from hpo.terminal.printable import printable
from hpo.trials.finished_trials import describe_states, ranked_trials, why_none_is_best

REFRESH_S = 2.0


def show_status(study: str | None, url: str | None, watch: bool, as_json: bool) -> None:
    """Shows all studies, or a named one as it is at this moment; with `watch` all, and those that run at this moment.

    Raises:
        UserError: There is no such study, or it cannot be read.
    """
    console = make_console()
    with open_storage(url, hpo_home()) as storage:

        def look() -> Group:
            if study is not None:
                named = get_study(storage, study)  # one that was named must be readable
                with while_it_is_there(named):
                    return study_now(named)
            studies, unreadable = _readable(storage)
            running = [opened for opened in studies if watch and is_running(opened)]
            return Group(status_table(studies, unreadable), *map(study_now, running))

        if as_json:
            studies, unreadable = _readable(storage) if study is None else ([get_study(storage, study)], [])
            print(json.dumps([status_of(opened) for opened in studies], indent=2))
            for line in unreadable:
                print(f"hpo: {printable(line)}", file=sys.stderr)
        elif watch:
            _watch(console, look)
        else:
            console.print(look(), highlight=False)


def _watch(console: Console, draw: Callable[[], Group]) -> None:
    try:
        with Live(draw(), console=console, screen=True, auto_refresh=False) as live:
            while True:
                time.sleep(REFRESH_S)
                live.update(draw(), refresh=True)
    except KeyboardInterrupt:
        return


def show_studies(url: str | None, as_json: bool) -> None:
    """Shows a row for each study."""
    with open_storage(url, hpo_home()) as storage:
        studies, unreadable = _readable(storage)
        rows = [study_row(opened) for opened in studies]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    console = make_console()
    console.print(studies_table(rows))
    for line in unreadable:
        console.print(line, highlight=False, soft_wrap=True)


def _readable(storage: BaseStorage) -> tuple[list[OpenStudy], list[str]]:
    """The studies, and what is wrong with those that cannot be read."""
    readable, unreadable = [], []
    for name in list_studies(storage):
        try:
            readable.append(get_study(storage, name))
        except UserError as error:  # of another version: the others are shown all the same
            unreadable.append(str(error))
    return readable, unreadable


def show_trials(study: str | None, url: str | None, printed_as: Literal["json", "csv"] | None) -> None:
    """Shows all trials of a study, with all that was tuned.

    Raises:
        UserError: There is no such study.
    """
    with open_storage(url, hpo_home()) as storage:
        opened = get_study(storage, study)
        rows = all_trials(opened)
        states = describe_states(opened.study.get_trials(deepcopy=False))
    if printed_as == "csv":
        sys.stdout.write(trials_csv(rows))
    elif printed_as == "json":
        print(json.dumps(rows, indent=2))
    else:
        console = make_console()
        console.print(f"study {opened.name}: {states}", highlight=False)
        for line in trial_lines(rows, opened.config.objective.label):
            console.print(line, highlight=False)


def show_best(study: str | None, url: str | None, top: int, as_json: bool) -> None:
    """Shows the best trials of a search.

    Raises:
        UserError: There is no such study, or no trial is finished.
    """
    with open_storage(url, hpo_home()) as storage:
        opened = get_source(storage, study)
        if not ranked_trials(opened):
            raise UserError(f"study {opened.name} {why_none_is_best(opened)}")
        if as_json:
            print(json.dumps(best_records(opened, top), indent=2))
        else:
            make_console().print(best_table(opened, top))


def show_log(study: str | None, url: str | None, trial: int) -> None:
    """Shows what is known of one trial.

    Raises:
        UserError: There is no such study or trial.
    """
    with open_storage(url, hpo_home()) as storage:
        for line in trial_log(get_study(storage, study), trial):
            print(printable(line))
