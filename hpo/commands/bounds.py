"""`hpo bounds`: the action bounds of a task, measured on a trained PPO."""

from pathlib import Path
from typing import Annotated

import typer

from hpo.commands import options

EXAMPLES = """
Examples:

  hpo bounds --task IsaacContrib-Velocity-Flat-UnitreeA1 --physics newton_mjwarp --out a1.yaml

  hpo bounds --study sac-speed --budget 10m --out a1.yaml   # a study's task

  hpo bounds --study sac-speed --from model.zip --percentile 0.5 --out a1.yaml

  hpo worker --study mine --config sac-speed --action-bounds a1.yaml
"""


def bounds(
    out: Annotated[Path, typer.Option(help="File for the bounds (YAML); the picture goes beside it.")],
    task: Annotated[str | None, typer.Option(help="Registered task id.")] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Built-in study or definition file: its task with arguments, physics, number of environments.",
        ),
    ] = None,
    backend: Annotated[str | None, typer.Option(help="isaaclab (default) or gymnasium.")] = None,
    physics: Annotated[str | None, typer.Option(help="Isaac Lab physics preset.")] = None,
    n_envs: Annotated[int | None, typer.Option(help="Parallel environments; default: 1024.")] = None,
    budget: Annotated[str, typer.Option(help="Training time of the PPO (90s, 5m, 2h).")] = "5m",
    max_steps: Annotated[int | None, typer.Option(help="Environment steps of training at most.")] = None,
    percentile: Annotated[float, typer.Option(help="The bounds are this percentile and 100 minus it.")] = 2.5,
    model: Annotated[
        Path | None, typer.Option("--from", help="Record this PPO (SB3's or sbx's zip) instead of training one.")
    ] = None,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Record mean actions; default: samples, as the PPO explores.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Training seed.")] = 0,
    imports: options.Imports = None,
    device: options.Device = None,
    gpu: options.Gpu = None,
) -> None:
    """Measure the action bounds of a task: which actions does a trained PPO use?"""
    from hpo.actions.bounds import measure_bounds

    options_given = {"task": task, "backend": backend, "physics": physics, "n_envs": n_envs, "max_steps": max_steps}
    fields = {**{name: value for name, value in options_given.items() if value is not None}, "budget": budget}
    where = options.where_to_run(device, gpu, imports)
    measure_bounds(out, study, fields, percentile, model, deterministic, seed, where)


bounds.__doc__ = f"{bounds.__doc__}\n{EXAMPLES}"
