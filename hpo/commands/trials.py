"""`hpo trials`: all trials of a study."""

import json
import sys
from typing import Annotated

import typer

from hpo.commands import options
from hpo.errors import UserError


def trials(
    study: options.Study = None,
    storage: options.Storage = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for a spreadsheet or pandas.")] = False,
    as_json: options.Json = False,
) -> None:
    """List all trials of a study, with every hyperparameter that was tuned.

    A diverged or refused trial has no value.

    Examples:
      hpo trials --study sac-speed

      hpo trials --study sac-speed --csv > trials.csv
    """
    from hpo.console import make_console
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.reports.all_trials import all_trials, trial_lines, trials_csv
    from hpo.studies.study import get_study
    from hpo.trials.finished_trials import describe_states

    if as_csv and as_json:
        raise UserError("--json and --csv: choose one")
    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        rows = all_trials(opened)
        states = describe_states(opened.study.get_trials(deepcopy=False))
    if as_csv:
        sys.stdout.write(trials_csv(rows))
    elif as_json:
        print(json.dumps(rows, indent=2))
    else:
        console = make_console()
        console.print(f"study {opened.name}: {states}", highlight=False)
        for line in trial_lines(rows, opened.config.objective.label):
            console.print(line, highlight=False)
