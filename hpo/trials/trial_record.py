"""What a trial keeps in the study: true hyperparameters, provenance, results, and a note to read."""

from pathlib import Path
from typing import Any

import optuna

from hpo.database.resilient_storage import ResilientStorage
from hpo.hardware import Hardware
from hpo.runs.provenance import provenance
from hpo.runs.runner import RunnerCrashedError
from hpo.trials.terrain_table import terrain_table
from hpo.yaml_files import to_yaml
from objectives.run_result import CurvePoint, RunResult
from objectives.run_spec import RunSpec
from samplers import DIVERGED_ATTR, REFUSED_ATTR, replay_ratio

LEARNING_CURVE_ATTR = "learning_curve"
TRAINING_BEGAN_ATTR = "training_began_s"
EVALUATIONS_ATTR = "evaluations"
"""Of evaluations while the run trained: seconds, environment steps, mean return."""


def record_start(trial: optuna.Trial, spec: RunSpec, hardware: Hardware, log_path: Path) -> None:
    """Writes what is known before the run."""
    policy_kwargs = spec.hyperparameters.get("policy_kwargs", {})
    others = {key: value for key, value in spec.hyperparameters.items() if key != "policy_kwargs"}
    write_attributes(
        trial,
        {
            "seed": spec.seed,
            **others,
            **policy_kwargs,
            "replay_ratio": replay_ratio(spec.hyperparameters, spec.environment.n_envs),
            "hardware": hardware.name,
            "hardware_shared": hardware.shared,
            **({"gpu_driver": hardware.driver} if hardware.driver else {}),
            "log": str(log_path.absolute()),
            **provenance(),
        },
    )
    write_note(trial, _yaml(spec))


def record_training_began(trial: optuna.Trial, after_s: float) -> None:
    """Writes how many seconds after the trial's start its clock began, so that others see how far it is."""
    trial.set_user_attr(TRAINING_BEGAN_ATTR, round(after_s, 1))


def record_result(trial: optuna.Trial, spec: RunSpec, result: RunResult) -> None:
    """Writes what the run gave."""
    fields = result.model_dump(mode="json", exclude={"evaluation", "learning_curve", "evaluations", "diverged"})
    evaluation = {} if result.evaluation is None else result.evaluation.model_dump(mode="json")
    curve = [_compact(point) for point in result.learning_curve]
    reason = {} if result.diverged is None else {"diverged_reason": result.diverged}
    diverged = {DIVERGED_ATTR: result.diverged is not None, **reason}
    points = [[round(p.elapsed_s, 2), p.num_timesteps, p.mean_return] for p in result.evaluations]
    curves = {LEARNING_CURVE_ATTR: curve, EVALUATIONS_ATTR: points}
    write_attributes(trial, {**evaluation, **fields, **diverged, **curves})
    if result.diverged is not None:
        write_note(trial, f"**Diverged:** {result.diverged}\n\n{_yaml(spec)}")
    elif result.evaluation is not None and result.evaluation.terrain:
        write_note(trial, f"{terrain_table(result.evaluation.terrain)}\n{_yaml(spec)}")


def record_crash(trial: optuna.Trial, spec: RunSpec, crash: RunnerCrashedError) -> None:
    """Writes why the run has no result."""
    trial.set_user_attr("failure", crash.reason)
    write_note(
        trial,
        f"**Failed:** {crash.reason}\n\n{_yaml(spec)}\n"
        f"Last output of the runner:\n\n```text\n{crash.last_output}\n```\n",
    )


def record_simulator_fault(trial: optuna.Trial, spec: RunSpec, result: RunResult) -> None:
    """Writes why the run is done once more."""
    record_result(trial, spec, result)
    trial.set_user_attr("failure", result.diverged)
    write_note(
        trial,
        f"**Failed:** {result.diverged}. All actions were finite, so this need not be the hyperparameters' doing: they "
        f"are tried once more, with another seed, in this trial's place.\n\n{_yaml(spec)}",
    )


def record_refusal(trial: optuna.Trial, spec: RunSpec, reason: str) -> None:
    """Writes why the run was not begun."""
    trial.set_user_attr(REFUSED_ATTR, reason)
    write_note(trial, f"**Refused:** {reason}\n\n{_yaml(spec)}")


def write_attributes(trial: optuna.Trial, attributes: dict[str, Any]) -> None:
    """Sets user attributes in the study, all at once; `trial.user_attrs` shows what `trial` began with.

    Raises:
        UpdateFinishedTrialError: The trial is finished.
    """
    _storage(trial).set_trial_user_attrs(trial._trial_id, attributes)


def write_note(trial: optuna.Trial, body: str) -> None:
    """Puts `body`, which is Markdown, in the place of the trial's note."""
    _storage(trial).set_trial_note(trial._trial_id, body)


def _compact(point: CurvePoint) -> list[float | None]:
    """Seconds, environment steps, mean return and, where there is one, curriculum level: the dashboard shows it all."""
    level = [] if point.curriculum_level is None else [round(point.curriculum_level, 3)]
    return [round(point.elapsed_s, 2), point.num_timesteps, point.mean_return, *level]


def _yaml(spec: RunSpec) -> str:
    return f"```yaml\n{to_yaml(spec.hyperparameters)}```\n"


def _storage(trial: optuna.Trial) -> ResilientStorage:
    assert isinstance(trial.storage, ResilientStorage)
    return trial.storage
