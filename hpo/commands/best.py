"""`hpo best`: the best trials of a study, as a table or as a file to train from."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpo.commands import options
from hpo.errors import UserError

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from hpo.studies.study import OpenStudy


def best(
    study: options.Study = None,
    storage: options.Storage = None,
    top: Annotated[int, typer.Option(min=1, help="How many trials.")] = 5,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the best trial as a file for hpo train.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show the best trials of a study.

    A search score is one run with one seed: the best of many is partly luck, and hpo replay tells how much.

    Examples:
      hpo best --study sac-speed --top 10

      hpo best --study sac-speed --yaml > best.yaml
    """
    from hpo.console import make_console
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.replays.replay_study import get_source
    from hpo.reports.trials_table import best_table
    from hpo.trials.finished_trials import best_trials, ranked_trials, why_none_is_best

    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_source(opened_storage, study)
        trials = ranked_trials(opened)[:top]
        best = best_trials(opened, 1)
        if not trials or (as_yaml and not best):
            raise UserError(f"study {opened.name} {why_none_is_best(opened)}")
        if as_yaml:
            # They draw in a replay's statistics, a second that the table need not wait for.
            from hpo.reports.export_choice import trial_export
            from hpo.reports.export_layouts import hpo_layout

            print(hpo_layout(trial_export(opened, best[0])), end="")
        elif as_json:
            print(json.dumps([_trial(opened, trial) for trial in trials], indent=2))
        else:
            make_console().print(best_table(opened, top))


def _trial(opened: "OpenStudy", trial: "FrozenTrial") -> dict[str, Any]:
    from hpo.trials.trial_runs import hyperparameters_of
    from samplers import has_floor_value

    return {
        "trial": trial.number,
        "value": None if has_floor_value(trial) else trial.value,
        "hyperparameters": hyperparameters_of(opened, trial),
        "user_attrs": trial.user_attrs,
    }
