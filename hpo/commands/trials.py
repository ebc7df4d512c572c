"""`hpo trials`: all trials of a study."""

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
    from hpo.actions.looking import show_trials

    if as_csv and as_json:
        raise UserError("--json and --csv: choose one")
    show_trials(study, storage, "json" if as_json else "csv" if as_csv else None)
