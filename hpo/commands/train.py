"""`hpo train`: one run of known hyperparameters, with everything saved."""

from pathlib import Path
from typing import Annotated

import typer

from hpo.commands import options


def train(
    config: Annotated[Path, typer.Option(help="Hyperparameters and task, as hpo export prints them; - reads a pipe.")],
    task: Annotated[str | None, typer.Option(help="Registered task id, in the place of the file's.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Training seed.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; default: below the data folder.")] = None,
    wandb: Annotated[str | None, typer.Option(metavar="PROJECT", help="Log the run to Weights & Biases.")] = None,
    tensorboard: Annotated[
        Path | None, typer.Option(help="Write TensorBoard events into a folder, one run per training.")
    ] = None,
    imports: options.Imports = None,
    device: options.Device = None,
    gpu: options.Gpu = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="Change a field, for example budget=20m.")] = None,
) -> None:
    """Train one agent and save its model, normalization statistics and learning curve.

    Examples:
      hpo export --study sac-speed > best.yaml

      hpo train --config best.yaml --seed 3

      hpo train --config best.yaml --set budget=20m --out runs/long

      hpo export --study sac-speed | hpo train --config -

      hpo train --config sac.yml --task Pendulum-v1    # RL Baselines3 Zoo's file
    """
    from hpo.actions.train import train as do_train

    changes = options.parse_settings(settings or [])
    if tensorboard is not None:
        changes["tensorboard"] = str(tensorboard.absolute())
    if wandb is not None:
        changes["wandb"] = wandb
    do_train(config, task, seed, out, changes, options.where_to_run(device, gpu, imports))
