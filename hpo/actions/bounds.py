"""Measures the action bounds of a task on a trained PPO."""

from pathlib import Path
from typing import Any

from hpo.actions.machine import WhereToRun, machine_of_one_run
from hpo.errors import UserError
from hpo.files.home import hpo_home
from hpo.files.new_file import check_new_file
from hpo.files.output_folder import RUNNER_LOG, new_folder
from hpo.files.yaml_files import read_yaml
from hpo.reports.bounds_report import check_percentile, describe, write_report
from hpo.runs.run_config import RunConfig
from hpo.runs.single_run import wait_for
from hpo.studies.study_config import builtin_studies, validate
from hpo.terminal.console import make_display_console
from hpo.terminal.run_bar import RunBar
from objectives.bounds.recording import RecordSpec
from objectives.errors import ConfigurationError

_OF_THE_TASK = ("env_kwargs", "max_episode_steps")
_OF_A_STUDY = ("backend", "task", "physics", "n_envs", *_OF_THE_TASK)
_LEAST_EPISODES, _MOST_EPISODES = 16, 64
"""Enough to see whether the PPO learned; between them as many as there are environments, so that each plays one."""


def measure_bounds(
    out: Path,
    study: str | None,
    fields: dict[str, Any],
    percentile: float,
    model: Path | None,
    deterministic: bool,
    seed: int,
    where: WhereToRun,
) -> None:
    """Trains a PPO, or takes one, records its actions, and writes their percentiles as bounds.

    Args:
        out: File for the bounds; the picture goes beside it.
        study: Built-in study or file that gives the task with its arguments and episode limit, backend, physics and
            number of environments.
        fields: Fields of the run -> values, in the place of the study's.
        percentile: The bounds are this percentile and 100 minus it.
        model: A trained PPO; None: one is trained.
        deterministic: Whether mean actions are recorded.
        seed: Training seed.
        where: On which device.

    Raises:
        UserError: They cannot be measured as asked.
    """
    config = _config(study, fields)
    check_percentile(percentile)
    _check_files(out, model)
    console = make_display_console()
    folder = new_folder(hpo_home() / "bounds", out.stem)
    with (
        machine_of_one_run(where, folder / RUNNER_LOG) as (hardware, runner),
        RunBar(console, config.budget) as bar,
    ):
        spec = RecordSpec(
            environment=config.environment(hardware.device, where.imports),
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


def _config(study: str | None, changes: dict[str, Any]) -> RunConfig:
    fields: dict[str, Any] = {}
    if study is not None:
        builtin = builtin_studies()
        path = builtin.get(study, Path(study))
        if not path.exists():
            raise UserError(f"--study {study}: neither a built-in study ({', '.join(builtin)}) nor a file")
        # Not the whole definition: it may well name the bounds file that is about to be measured.
        own = {name: value for name, value in read_yaml(path).items() if name in _OF_A_STUDY}
        another_task = changes.get("task", own.get("task")) != own.get("task")
        fields = {name: value for name, value in own.items() if not another_task or name not in _OF_THE_TASK}
    fields = {**fields, **changes}
    if "task" not in fields:
        raise UserError("which task? --task NAME, or --study NAME for the task of a study")
    config = validate(RunConfig, fields, "hpo bounds" if study is None else f"--study {study}")
    episodes = min(max(config.n_envs, _LEAST_EPISODES), _MOST_EPISODES)
    return config.model_copy(update={"n_eval_episodes": episodes})


def _check_files(out: Path, model: Path | None) -> None:
    """What would only be noticed after training."""
    check_new_file("--out", out, (".yaml", ".yml"), beside=(out.with_suffix(".png"),))
    if model is not None and not model.is_file():
        raise UserError(f"--from {model}: there is no such file")
