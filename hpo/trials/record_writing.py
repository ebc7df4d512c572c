"""Writes what a trial keeps in the study: its record, the agent's hyperparameters, and a note for people."""

import os
from pathlib import Path
from typing import Any

import optuna

from hpo.database.resilient_storage import ResilientStorage
from hpo.files.yaml_files import to_yaml
from hpo.hardware import Hardware
from hpo.runs.provenance import git_commit, host, versions
from hpo.runs.runner import RunnerCrashedError
from hpo.trials.planned_run import planned_run
from hpo.trials.record import TrialRecord
from hpo.trials.terrain_table import terrain_table
from hpo.trials.velocity_line import velocity_line
from objectives.run_result import Evaluation, RunResult
from objectives.run_spec import RunSpec
from samplers import replay_ratio


def record_start(trial: optuna.Trial, spec: RunSpec, hardware: Hardware, log_path: Path) -> None:
    """Writes what is known before the run."""
    record = TrialRecord(
        seed=spec.seed,
        n_envs=spec.environment.n_envs,
        replay_ratio=replay_ratio(spec.hyperparameters, spec.environment.n_envs),
        hardware=hardware.name,
        hardware_shared=hardware.shared,
        log=str(log_path.absolute()),
        host=host(),
        worker_pid=os.getpid(),
        git_commit=git_commit(),
        versions=versions(),
    )
    if hardware.driver:
        record = record.model_copy(update={"gpu_driver": hardware.driver})
    write_attributes(trial, {**_shown(spec.hyperparameters), **record.attributes()})
    _write_note(trial, _yaml(spec))


def record_training_began(trial: optuna.Trial, after_s: float) -> None:
    """Writes how many seconds after the trial's start its clock began, so that others see how far it is."""
    write_attributes(trial, TrialRecord(training_began_s=round(after_s, 1)).attributes())


def record_result(trial: optuna.Trial, spec: RunSpec, result: RunResult) -> None:
    """Writes what the run gave."""
    write_attributes(trial, TrialRecord.of_result(result).attributes())
    if result.diverged is not None:
        _write_note(trial, f"**Diverged:** {result.diverged}\n\n{_yaml(spec)}")
    elif result.evaluation is not None and (said := f"{_cut_short(spec, result)}{_how_it_moved(result.evaluation)}"):
        _write_note(trial, f"{said}{_yaml(spec)}")


def record_policy_kept(trial: optuna.Trial, size: int, seconds: float) -> None:
    """Writes what it took to keep the trial's policy: bytes and seconds."""
    write_attributes(trial, TrialRecord(policy_bytes=size, policy_s=round(seconds, 3)).attributes())


def record_crash(trial: optuna.Trial, spec: RunSpec, crash: RunnerCrashedError) -> None:
    """Writes why the run has no result."""
    write_attributes(trial, TrialRecord(failure=crash.reason).attributes())
    _write_note(
        trial,
        f"**Failed:** {crash.reason}\n\n{_yaml(spec)}\n"
        f"Last output of the runner:\n\n```text\n{crash.last_output}\n```\n",
    )


def record_simulator_fault(trial: optuna.Trial, spec: RunSpec, result: RunResult) -> None:
    """Writes why the run is done once more."""
    record_result(trial, spec, result)
    write_attributes(trial, TrialRecord(failure=result.diverged).attributes())
    _write_note(
        trial,
        f"**Failed:** {result.diverged}. All actions were finite, so this need not be the hyperparameters' doing: they "
        f"are tried once more, with another seed, in this trial's place.\n\n{_yaml(spec)}",
    )


def record_refusal(trial: optuna.Trial, spec: RunSpec, reason: str) -> None:
    """Writes why the run was not begun."""
    write_attributes(trial, TrialRecord(refused=reason).attributes())
    _write_note(trial, f"**Refused:** {reason}\n\n{_yaml(spec)}")


def _cut_short(spec: RunSpec, result: RunResult) -> str:
    """That steps ended training, if they did: in a search by time such a trial had less of it than others."""
    if result.overshoot_s > 0 or result.reached_s is not None:
        return ""
    return f"Training ended by `max_steps`, after {result.training_s:.0f} of {spec.budget_s:.0f} s.\n\n"


def _how_it_moved(evaluation: Evaluation) -> str:
    """How robots followed their commands, and returns by kind of ground; empty of a task that has neither."""
    lines = [] if evaluation.velocity is None else [f"{velocity_line(evaluation.velocity)}\n"]
    return "".join(f"{part}\n" for part in (*lines, terrain_table(evaluation.terrain)) if part)


def write_attributes(trial: optuna.Trial, attributes: dict[str, Any]) -> None:
    """Sets user attributes in the study, all at once; `trial.user_attrs` shows what `trial` began with.

    Raises:
        UpdateFinishedTrialError: The trial is finished.
    """
    _storage(trial).set_trial_user_attrs(trial._trial_id, attributes)


def write_note(trial: optuna.Trial, body: str) -> None:
    """Puts `body`, which is Markdown, in the place of the trial's note."""
    _storage(trial).set_trial_note(trial._trial_id, body)


def _write_note(trial: optuna.Trial, body: str) -> None:
    """`write_note`, after the name of what was planned: of a replay the dashboard shows nothing but numbers else."""
    planned = planned_run(trial)
    write_note(trial, body if planned is None else f"**{planned.title}**\n\n{body}")


def _shown(hyperparameters: dict[str, Any]) -> dict[str, Any]:
    """Each hyperparameter by its own name, for the dashboard; `hpo.trials.trial_runs.hyperparameters_of` reads them."""
    others = {name: value for name, value in hyperparameters.items() if name != "policy_kwargs"}
    return {**others, **hyperparameters.get("policy_kwargs", {})}


def _yaml(spec: RunSpec) -> str:
    return f"```yaml\n{to_yaml(spec.hyperparameters)}```\n"


def _storage(trial: optuna.Trial) -> ResilientStorage:
    assert isinstance(trial.storage, ResilientStorage)
    return trial.storage
