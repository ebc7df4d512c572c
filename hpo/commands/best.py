"""`hpo best`: the best trials of a study, as a table or as a file to train from."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpo.commands import options
from hpo.errors import UserError

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from hpo.study import OpenStudy


def best(
    study: options.Study = None,
    storage: options.Storage = None,
    top: Annotated[int, typer.Option(min=1, help="How many trials.")] = 5,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the best trial as a file for hpo train.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show the best trials of a study.

    A search score is one run with one seed: the best of many is partly luck.

    Examples:
      hpo best --study sac-speed --top 10

      hpo best --study sac-speed --yaml > best.yaml
    """
    from hpo.console import make_console
    from hpo.home import hpo_home
    from hpo.storage import open_storage
    from hpo.study import get_study
    from hpo.tables import best_table, best_trials
    from hpo.yaml_files import to_yaml

    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        trials = best_trials(opened, 1 if as_yaml else top)
        if not trials:
            raise UserError(f"study {opened.name} has no finished trial yet")
        if as_yaml:
            print(to_yaml(train_fields(opened, trials[0])), end="")
        elif as_json:
            print(json.dumps([_trial(opened, trial) for trial in trials], indent=2))
        else:
            make_console().print(best_table(opened, top))


def train_fields(opened: "OpenStudy", trial: "FrozenTrial") -> dict[str, Any]:
    """The fields of a `TrainConfig` that trains `trial` again."""
    from hpo.run_config import RunConfig

    shared = opened.config.model_dump(mode="json", include=set(RunConfig.model_fields), exclude_none=True)
    return {
        **shared,
        "hyperparameters": opened.config.search_space.hyperparameters(trial.params),
        "provenance": {
            "study": opened.name,
            "trial": trial.number,
            "mean_return": trial.value,
            "seed": trial.user_attrs.get("seed"),
            "hardware": trial.user_attrs.get("hardware"),
            "git_commit": trial.user_attrs.get("git_commit"),
        },
    }


def _trial(opened: "OpenStudy", trial: "FrozenTrial") -> dict[str, Any]:
    return {
        "trial": trial.number,
        "value": trial.value,
        "hyperparameters": opened.config.search_space.hyperparameters(trial.params),
        "user_attrs": trial.user_attrs,
    }
