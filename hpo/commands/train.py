"""`hpo train`: one run of known hyperparameters, with everything saved."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from hpo.commands import options
from hpo.errors import UserError


def train(
    config: Annotated[Path, typer.Option(help="Hyperparameters and task, as hpo export prints them; - reads a pipe.")],
    task: Annotated[str | None, typer.Option(help="Registered task id, in the place of the file's.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Training seed.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; default: below the data folder.")] = None,
    imports: options.Imports = None,
    device: options.Device = None,
    gpu: options.Gpu = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="Change a field, for example budget=20m.")] = None,
) -> None:
    """Train one agent; saves model, normalization statistics and learning curve.

    Examples:
      hpo best --study sac-speed --yaml > best.yaml

      hpo train --config best.yaml --seed 3

      hpo train --config best.yaml --set budget=20m --out runs/long

      hpo export --study sac-speed | hpo train --config -

      hpo train --config sac.yml --task Pendulum-v1    # a file of RL Baselines3 Zoo
    """
    from hpo.console import make_display_console
    from hpo.display import RunBar
    from hpo.durations import format_duration
    from hpo.hardware import claimed_hardware
    from hpo.home import hpo_home
    from hpo.output_folder import RUNNER_LOG, folder_of_one_run, new_folder
    from hpo.runs.files_of_others import run_fields
    from hpo.runs.run_config import TrainConfig
    from hpo.runs.runner import Runner
    from hpo.single_run import wait_for
    from hpo.studies.study_config import override, read_definition, validate
    from hpo.yaml_files import STDIN, to_yaml
    from objectives.errors import ConfigurationError

    changes = options.parse_settings(settings or [])
    fields = override(run_fields(config, read_definition(config), task, changes.get("algorithm")), changes)
    train_config = validate(TrainConfig, fields, str(config))
    home = hpo_home()
    console = make_display_console()
    name = "piped" if config == STDIN else config.stem
    folder = (out or new_folder(home / "runs", f"{name}-seed{seed}")).resolve()
    with (
        folder_of_one_run(folder),
        claimed_hardware(options.checked_device(device), gpu) as hardware,
        closing(Runner(hardware, home / "cache", folder / RUNNER_LOG)) as runner,
        RunBar(console, train_config.budget) as bar,
    ):
        environment = train_config.environment(hardware.device, tuple(imports or ()))
        try:
            spec = train_config.run_spec(environment, train_config.hyperparameters, seed, str(folder))
        except ConfigurationError as error:
            raise UserError(f"{config}: {error}") from error
        bar.begin(f"{train_config.task}, seed {seed}")
        result = wait_for(runner.run, spec, runner, bar)
        (folder / "config.yaml").write_text(to_yaml({**fields, "seed": seed}))
    if result.evaluation is None:
        raise UserError(f"the run diverged ({result.diverged}); what there is lies in {folder}")
    evaluation = result.evaluation
    console.print(
        f"mean return {evaluation.mean_return:.2f} (std {evaluation.std_return:.2f}, "
        f"IQM {evaluation.iqm_return:.2f}) over {evaluation.n_episodes} episodes after "
        f"{format_duration(result.training_s)} and {result.num_timesteps:,} steps",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    console.print(f"saved in {folder}", highlight=False, soft_wrap=True)
