"""What a trial keeps in the study: true hyperparameters, provenance, results, and a note to read."""

from typing import Any

import optuna
from optuna_dashboard import save_note

from hpo.hardware import Hardware
from hpo.provenance import provenance
from hpo.runner import RunnerCrashedError
from hpo.trial_slots import RUN_ATTR
from hpo.yaml_files import to_yaml
from objectives.run_result import RunResult
from objectives.run_spec import RunSpec
from samplers import replay_ratio

LEARNING_CURVE_ATTR = "learning_curve"
DIVERGED_ATTR = "diverged"
SEED_ATTR = "seed"


def record_start(trial: optuna.Trial, spec: RunSpec, hardware: Hardware) -> None:
    """Writes what is known before the run."""
    policy_kwargs = spec.hyperparameters.get("policy_kwargs", {})
    others = {key: value for key, value in spec.hyperparameters.items() if key != "policy_kwargs"}
    _set(
        trial,
        {
            SEED_ATTR: spec.seed,
            **others,
            **policy_kwargs,
            "replay_ratio": replay_ratio(spec.hyperparameters, spec.environment.n_envs),
            "hardware": hardware.name,
            "hardware_shared": hardware.shared,
            **({"gpu_driver": hardware.driver} if hardware.driver else {}),
            **provenance(),
        },
    )
    save_note(trial, f"```yaml\n{to_yaml(spec.hyperparameters)}```\n")


def record_result(trial: optuna.Trial, spec: RunSpec, result: RunResult) -> None:
    """Writes what the run gave."""
    fields = result.model_dump(mode="json", exclude={"evaluation", "learning_curve", "diverged"})
    evaluation = {} if result.evaluation is None else result.evaluation.model_dump(mode="json")
    # Seconds, environment steps, mean return: compact, since the dashboard shows every attribute.
    curve = [[round(p.elapsed_s, 2), p.num_timesteps, p.mean_return] for p in result.learning_curve]
    _set(trial, {**evaluation, **fields, DIVERGED_ATTR: result.diverged is not None, LEARNING_CURVE_ATTR: curve})
    if result.diverged is not None:
        trial.set_user_attr("diverged_reason", result.diverged)
        save_note(trial, f"**Diverged:** {result.diverged}\n\n```yaml\n{to_yaml(spec.hyperparameters)}```\n")


def record_crash(trial: optuna.Trial, spec: RunSpec, crash: RunnerCrashedError) -> None:
    """Writes why the run has no result."""
    trial.set_user_attr("failure", crash.reason)
    save_note(
        trial,
        f"**Failed:** {crash.reason}\n\n```yaml\n{to_yaml(spec.hyperparameters)}```\n\n"
        f"Last output of the runner:\n\n```text\n{crash.last_output}\n```\n",
    )


def floor_value(trial: optuna.Trial, result: RunResult) -> float:
    """A finite value for a diverged run: no better than anything seen, yet on the scale of the task.

    A FAIL would teach a sampler nothing, and an arbitrary constant would flatten the dashboard's plots. So: the worst
    of the study's finished trials and of the run's own learning curve; for a replay, of the trials in the same
    setting, and of the search's where the setting is the search's.
    """
    planned = trial.user_attrs.get(RUN_ATTR, {})
    finished = trial.study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    values = [t.value for t in finished if _changes(t.user_attrs) == _changes(trial.user_attrs)]
    returns = [point.mean_return for point in result.learning_curve]
    seen = [value for value in (*values, *returns, planned.get("floor")) if value is not None]
    return min(seen, default=FLOOR_WHEN_NOTHING_IS_KNOWN)


FLOOR_WHEN_NOTHING_IS_KNOWN = -1000.0
"""The first trial of a study diverged before any episode ended."""


def _changes(user_attrs: dict[str, Any]) -> dict[str, Any]:
    """Settings in which a run differs from its study's; none for a sampled one."""
    changes: dict[str, Any] = user_attrs.get(RUN_ATTR, {}).get("changes", {})
    return changes


def _set(trial: optuna.Trial, attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        trial.set_user_attr(key, value)
