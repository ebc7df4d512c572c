"""Keeps optuna_dashboard from dividing by the number of parameters of a study that has none: a replay's.

Its page of such a study then shows an error instead of an importance that there is not.
"""

from typing import Any

from optuna_dashboard import _app

_importance = _app.get_param_importance_from_trials_cache


def no_importance_without_parameters() -> None:
    """From now on, in this process."""
    _app.get_param_importance_from_trials_cache = importance_of


def importance_of(cache: Any, storage: Any, study_id: int, objective_id: int, trials: list[Any]) -> list[Any]:
    """The importance of each parameter, for one objective; nothing where no trial has a parameter."""
    if not any(trial.params for trial in trials):
        return []
    found: list[Any] = _importance(cache, storage, study_id, objective_id, trials)
    return found
