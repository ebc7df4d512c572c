"""`hpo export`: hyperparameters worth keeping, as a file for this tool or another."""

from typing import Annotated, Literal

import typer

from hpo.commands import options


def export(
    study: options.Study = None,
    storage: options.Storage = None,
    trial: Annotated[
        int | None, typer.Option(min=0, help="This trial; default: the replay's winner, else the best trial.")
    ] = None,
    rank: options.Rank = "iqm",
    layout: Annotated[
        Literal["hpo", "zoo", "sb3-cfg"],
        typer.Option("--format", help="For hpo train, RL Baselines3 Zoo, or Isaac Lab's own training."),
    ] = "hpo",
) -> None:
    """Print hyperparameters with their provenance, for hpo train, RL Baselines3 Zoo or Isaac Lab.

    Examples:
      hpo export --study sac-speed > best.yaml

      hpo export --study sac-speed --format zoo > sac.yml
    """
    from hpo.actions.export import export as do_export

    do_export(study, storage, trial, rank, layout)
