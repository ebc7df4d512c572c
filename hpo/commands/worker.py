"""`hpo worker`: work on a study, creating it when it does not exist yet."""

from pathlib import Path
from typing import Annotated

import typer

from hpo.commands import options

EXAMPLES = """
Examples:

  hpo worker --study sac-speed                        # create it, or join it

  hpo worker --study sac-speed --trials 5             # leave after 5 trials

  hpo worker --study mine --config mine.yaml          # a study of your own

  hpo worker --study cartpole --config quickstart --backend isaaclab --task Isaac-Cartpole-Direct --action-bounds=-1,1
"""


def worker(
    study: Annotated[str, typer.Option(help="Study name: a built-in one (sac-speed, quickstart), or one of your own.")],
    storage: options.Storage = None,
    config: Annotated[
        str | None, typer.Option(help="Definition: a YAML file, or the name of a built-in study to start from.")
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Leave after this worker has finished so many.")] = None,
    duration: Annotated[str | None, typer.Option(help="Start no trial after this time (90s, 5m, 2h).")] = None,
    drain: options.Drain = False,
    baseline: Annotated[
        list[str] | None, typer.Option(help="Try known hyperparameters first, once per study: tuned-a1, FILE.yml.")
    ] = None,
    imports: options.Imports = None,
    device: options.Device = None,
    gpu: options.Gpu = None,
    allow_other_hardware: Annotated[
        bool, typer.Option("--allow-other-hardware", help="Join a study that was begun on other hardware.")
    ] = False,
    backend: Annotated[
        str | None, typer.Option(help="At creation: isaaclab or gymnasium.", rich_help_panel="Definition")
    ] = None,
    task: Annotated[
        str | None, typer.Option(help="At creation: registered task id.", rich_help_panel="Definition")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="At creation: training time of a trial.", rich_help_panel="Definition")
    ] = None,
    max_steps: Annotated[
        float | None, typer.Option(help="At creation: environment steps at most.", rich_help_panel="Definition")
    ] = None,
    n_envs: Annotated[
        int | None, typer.Option(help="At creation: parallel environments.", rich_help_panel="Definition")
    ] = None,
    n_trials: Annotated[
        int | None, typer.Option(help="At any time: trials of the whole study.", rich_help_panel="Definition")
    ] = None,
    action_bounds: Annotated[
        str | None, typer.Option(help="At creation: LOW,HIGH, fraction:F or FILE.yaml.", rich_help_panel="Definition")
    ] = None,
    tensorboard: Annotated[
        Path | None,
        typer.Option(
            help="At creation: write TensorBoard events into a folder of each machine, one run per trial.",
            rich_help_panel="Definition",
        ),
    ] = None,
    wandb: Annotated[
        str | None,
        typer.Option(
            metavar="PROJECT", help="At creation: log each run to Weights & Biases.", rich_help_panel="Definition"
        ),
    ] = None,
    artifacts: Annotated[
        str | None,
        typer.Option(
            help="At creation: where policies are kept, a folder that all machines share or s3://BUCKET; default: the "
            "study's database.",
            rich_help_panel="Definition",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="At creation: any field, for example sampler=tpe, or sampler.population_size=20.",
            rich_help_panel="Definition",
        ),
    ] = None,
) -> None:
    """Work on a study: train and evaluate one set of hyperparameters after another."""
    named = {
        "backend": backend, "task": task, "budget": budget, "max_steps": max_steps, "n_envs": n_envs,
        "n_trials": n_trials, "artifacts": artifacts, "wandb": wandb,
        "tensorboard": None if tensorboard is None else str(tensorboard.absolute()),
    }  # fmt: skip
    overrides = {
        **{field: value for field, value in named.items() if value is not None},
        **({} if action_bounds is None else {"action_bounds": options.parse_action_bounds(action_bounds)}),
        **options.parse_settings(settings or []),
    }

    from hpo.actions.worker import work
    from hpo.studies.joining import AskedStudy
    from hpo.worker import Quota

    work(
        AskedStudy(study, config, overrides, allow_other_hardware),
        storage,
        Quota(trials, options.duration_s("--duration", duration)),
        baseline or [],
        drain,
        options.where_to_run(device, gpu, imports),
    )


worker.__doc__ = f"{worker.__doc__}\n{EXAMPLES}"
