"""`hpo play`: see a trained policy act."""

import math
from pathlib import Path
from typing import Annotated

import typer

from hpo.commands import options


def play(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of hpo train, or a policy's file; default: a study's policy.")
    ] = None,
    study: options.Study = None,
    storage: options.Storage = None,
    trial: Annotated[int | None, typer.Option(min=0, help="This trial; default: the replay's winner.")] = None,
    candidate: Annotated[
        str | None, typer.Option(help="A candidate of the replay: a number, or baseline:NAME.")
    ] = None,
    rank: options.Rank = "iqm",
    episodes: Annotated[int, typer.Option(min=1, help="Episodes to play.")] = 32,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=2**31 - 1, help="Seed of the environments; default: the one of the trial's evaluation."
        ),
    ] = None,
    video: Annotated[Path | None, typer.Option(help="Film the policy: an mp4 file.")] = None,
    video_seconds: Annotated[float, typer.Option(min=0.1, help="Length of the film, in the task's time.")] = 10.0,
    actions: Annotated[
        Path | None, typer.Option(help="Draw each action's distribution between its bounds: a PNG file.")
    ] = None,
    viewer: Annotated[
        bool, typer.Option("--viewer", help="Isaac Lab: show it in a window first, until you close that.")
    ] = False,
    command: Annotated[
        str | None, typer.Option(metavar="X,Y,YAW", help="Velocity task: command this, in m/s, m/s and rad/s.")
    ] = None,
    imports: options.Imports = None,
    device: options.Device = None,
    gpu: options.Gpu = None,
    as_json: options.Json = False,
) -> None:
    """Play a trained policy: returns, lengths and endings of its episodes, a film, and how it uses its actions.

    Examples:
      hpo play --study sac-speed                       # the winner, or the best

      hpo play --study sac-speed --video a1.mp4 --command 1.0,0,0

      hpo play --study sac-speed --trial 17 --actions actions.png

      hpo play runs/long --episodes 100                 # what hpo train saved
    """
    from hpo.actions.play import WhatToKeep
    from hpo.actions.play import play as do_play
    from hpo.actions.policy_files import AskedPolicy
    from hpo.errors import UserError

    if not math.isfinite(video_seconds):
        raise UserError(f"--video-seconds {video_seconds}: write a number of seconds, for example 20")
    do_play(
        AskedPolicy(folder, study, trial, candidate, rank),
        storage,
        WhatToKeep(episodes, seed, video, video_seconds, actions, viewer, _velocities(command)),
        options.where_to_run(device, gpu, imports),
        as_json,
    )


def _velocities(command: str | None) -> tuple[float, float, float] | None:
    from hpo.errors import UserError

    if command is None:
        return None
    try:
        forward, sideways, turning = (float(number) for number in command.split(","))
        if not all(map(math.isfinite, (forward, sideways, turning))):
            raise ValueError
    except ValueError:
        raise UserError(f"--command {command}: write three numbers, for example 1.0,0,0") from None
    return forward, sideways, turning
