"""`hpo bounds`: the action bounds of a task, measured on a trained PPO."""

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpo.commands import options
from hpo.errors import UserError

if TYPE_CHECKING:
    from hpo.runs.run_config import RunConfig

EXAMPLES = """
Examples:

  hpo bounds --task IsaacContrib-Velocity-Flat-UnitreeA1 --physics newton_mjwarp --out a1.yaml

  hpo bounds --study sac-speed --budget 10m --out a1.yaml   # task and environments of a study

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
            help="Built-in study or definition that gives task, backend, physics, number of environments.",
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
    from hpo.console import make_display_console
    from hpo.display import RunBar
    from hpo.hardware import claimed_hardware
    from hpo.home import hpo_home
    from hpo.output_folder import RUNNER_LOG, new_folder
    from hpo.reports.bounds_report import check_percentile, describe, write_report
    from hpo.runs.runner import Runner
    from hpo.single_run import wait_for
    from objectives.errors import ConfigurationError
    from objectives.recording import RecordSpec

    asked = {"task": task, "backend": backend, "physics": physics, "n_envs": n_envs, "max_steps": max_steps}
    config = _config(study, {**{name: value for name, value in asked.items() if value is not None}, "budget": budget})
    check_percentile(percentile)
    _check_files(out, model)
    home = hpo_home()
    console = make_display_console()
    folder = new_folder(home / "bounds", out.stem)
    with (
        claimed_hardware(options.checked_device(device), gpu) as hardware,
        closing(Runner(hardware, home / "cache", folder / RUNNER_LOG)) as runner,
        RunBar(console, config.budget) as bar,
    ):
        spec = RecordSpec(
            environment=config.environment(hardware.device, tuple(imports or ())),
            model=None if model is None else str(model.resolve()),
            seed=seed,
            eval_seed=config.eval_seed,
            budget_s=config.budget,
            max_steps=config.max_steps,
            n_eval_episodes=config.n_eval_episodes,
            report_every_s=config.report_every,
            deterministic=deterministic,
            output_dir=str(folder),
        )
        bar.begin(f"PPO on {config.task}")
        recording = wait_for(runner.record, spec, runner, bar)
    try:
        report = write_report(out, recording, spec, percentile, hardware)
    except ConfigurationError as error:
        raise UserError(str(error)) from error
    for part in describe(report):
        console.print(part, highlight=False, soft_wrap=isinstance(part, str))


_OF_A_STUDY = ("backend", "task", "physics", "n_envs")
_LEAST_EPISODES, _MOST_EPISODES = 16, 64
"""Enough to see whether the PPO learned; between them as many as there are environments, so that each plays one."""


def _config(study: str | None, asked: dict[str, Any]) -> "RunConfig":
    from hpo.runs.run_config import RunConfig
    from hpo.studies.study_config import builtin_studies, validate
    from hpo.yaml_files import read_yaml

    fields: dict[str, Any] = {}
    if study is not None:
        builtin = builtin_studies()
        path = builtin.get(study, Path(study))
        if not path.exists():
            raise UserError(f"--study {study}: neither a built-in study ({', '.join(builtin)}) nor a file")
        # Not the whole definition: it may well name the bounds file that is about to be measured.
        fields = {name: value for name, value in read_yaml(path).items() if name in _OF_A_STUDY}
    fields = {**fields, **asked}
    if "task" not in fields:
        raise UserError("which task? --task NAME, or --study NAME for the task of a study")
    config = validate(RunConfig, fields, "hpo bounds" if study is None else f"--study {study}")
    episodes = min(max(config.n_envs, _LEAST_EPISODES), _MOST_EPISODES)
    return config.model_copy(update={"n_eval_episodes": episodes})


def _check_files(out: Path, model: Path | None) -> None:
    """What would only be noticed after training."""
    if out.suffix not in (".yaml", ".yml"):
        raise UserError(f"--out {out}: a study takes bounds from a file whose name ends in .yaml")
    if not out.absolute().parent.is_dir():
        raise UserError(f"--out {out}: there is no folder {out.absolute().parent}")
    if not os.access(out.absolute().parent, os.W_OK):
        raise UserError(f"--out {out}: the folder {out.absolute().parent} cannot be written")
    for path in (out, out.with_suffix(".png")):
        if path.exists():
            raise UserError(f"--out {out}: {path} exists already; choose another name, or remove it")
    if model is not None and not model.is_file():
        raise UserError(f"--from {model}: there is no such file")


bounds.__doc__ = f"{bounds.__doc__}\n{EXAMPLES}"
