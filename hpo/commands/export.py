"""`hpo export`: hyperparameters worth keeping, as a file for this tool or another."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from hpo.commands import options
from hpo.errors import UserError


def export(
    folder: Annotated[
        Path | None,
        typer.Argument(help="With --policy: folder of hpo train; default: a study's policy."),
    ] = None,
    study: options.Study = None,
    storage: options.Storage = None,
    trial: Annotated[
        int | None, typer.Option(min=0, help="This trial; default: the replay's winner, else the best trial.")
    ] = None,
    candidate: Annotated[
        str | None,
        typer.Option(help="With --policy: this one of the replay, a number or baseline:NAME."),
    ] = None,
    rank: options.Rank = "iqm",
    layout: Annotated[
        Literal["hpo", "zoo", "sb3-cfg"],
        typer.Option("--format", help="For hpo train, RL Baselines3 Zoo, or Isaac Lab's own training."),
    ] = "hpo",
    policy: Annotated[
        Path | None,
        typer.Option(help="Write the trained policy instead: ONNX (F.onnx) or TorchScript (F.pt), to run without hpo."),
    ] = None,
) -> None:
    """Print hyperparameters with their provenance, for hpo train, RL Baselines3 Zoo or Isaac Lab; or write a policy.

    A policy takes the task's own observations and gives actions in the task's units: normalization and bounds are
    inside. Its metadata name the parts of the observation and the action dimensions.

    Examples:
      hpo export --study sac-speed > best.yaml

      hpo export --study sac-speed --format zoo > sac.yml

      hpo export --study sac-speed --policy policy.onnx

      hpo export --policy policy.pt runs/long           # what hpo train saved
    """
    if policy is not None:
        from hpo.actions.export_policy import export_policy
        from hpo.actions.policy_files import AskedPolicy

        export_policy(AskedPolicy(folder, study, trial, candidate, rank), storage, policy)
        return
    if folder is not None or candidate is not None:
        raise UserError("a folder and --candidate are for --policy FILE: hyperparameters are printed of a study")
    from hpo.actions.export import export as do_export

    do_export(study, storage, trial, rank, layout)
