"""One run of known hyperparameters, with everything saved."""

from pathlib import Path
from typing import Any

from hpo.actions.machine import WhereToRun, machine_of_one_run
from hpo.durations import format_duration
from hpo.errors import UserError
from hpo.files.home import hpo_home
from hpo.files.output_folder import RUNNER_LOG, folder_of_one_run, new_folder
from hpo.files.yaml_files import STDIN, to_yaml
from hpo.runs.files_of_others import run_fields
from hpo.runs.run_config import TrainConfig
from hpo.runs.single_run import wait_for
from hpo.studies.study_config import override, read_definition, validate
from hpo.terminal.console import make_display_console
from hpo.terminal.run_bar import RunBar
from hpo.trials.velocity_line import velocity_line
from objectives.errors import ConfigurationError


def train(
    config: Path, task: str | None, seed: int, out: Path | None, changes: dict[str, Any], where: WhereToRun
) -> None:
    """Trains, evaluates, saves, and says where.

    Args:
        config: Hyperparameters and task.
        task: Another task than the file's.
        seed: Training seed.
        out: Folder for the results; None: a new one below the data folder.
        changes: Dotted field of the file -> value.
        where: On which device.

    Raises:
        UserError: It cannot be run as the file says, or it diverged.
    """
    fields = override(run_fields(config, read_definition(config), task, changes.get("algorithm")), changes)
    train_config = validate(TrainConfig, fields, str(config))
    console = make_display_console()
    name = "piped" if config == STDIN else config.stem
    folder = (out or new_folder(hpo_home() / "runs", f"{name}-seed{seed}")).resolve()
    with (
        folder_of_one_run(folder),
        machine_of_one_run(where, folder / RUNNER_LOG) as (hardware, runner),
        RunBar(console, train_config.budget) as bar,
    ):
        environment = train_config.environment(hardware.device, where.imports)
        try:
            spec = train_config.run_spec(
                environment, train_config.hyperparameters, seed, f"{name}-seed{seed}", str(folder)
            )
        except ConfigurationError as error:
            raise UserError(f"{config}: {error}") from error
        bar.begin(f"{train_config.task}, seed {seed}")
        result = wait_for(runner.run, spec, runner, bar)
        (folder / "config.yaml").write_text(to_yaml({**fields, "seed": seed}))
    if result.evaluation is None:
        raise UserError(f"the run diverged ({result.diverged}); what there is lies in {folder}")
    evaluation = result.evaluation
    console.print(
        f"mean return {evaluation.mean_return:z.2f} (std {evaluation.std_return:z.2f}, "
        f"IQM {evaluation.iqm_return:z.2f}) over {evaluation.n_episodes} episodes after "
        f"{format_duration(result.training_s)} and {result.num_timesteps:,} steps",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    if evaluation.velocity is not None:
        console.print(velocity_line(evaluation.velocity), highlight=False, soft_wrap=True)
    console.print(f"saved in {folder}", highlight=False, soft_wrap=True)
