"""What a search tuned, as people read it: true values by the hyperparameters' own names, the important ones first."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpo.database.attributes import HYPERPARAMETERS_ATTR
from hpo.runs.run_config import RunConfig
from hpo.studies.searched_settings import is_setting, setting_of
from hpo.studies.study import OpenStudy
from hpo.trials.planned_run import planned_run
from hpo.trials.shown_hyperparameters import flattened
from hpo.trials.trial_runs import changes_of, config_of, resolved_hyperparameters
from samplers import SearchSpace, has_floor_value

_ENOUGH = 20
"""Trials, of which the best quarter is held against all: with fewer, importance is luck."""
_BEST = 0.25


def tuned_values(opened: OpenStudy, trial: FrozenTrial) -> dict[str, Any]:
    """The hyperparameters and settings that the dimensions of the space determine; of a function's space, all of them.

    They are what the agent was given (`batch_size` 512, not its power of two); nested ones have dots.
    """
    if not trial.params and planned_run(trial) is None and HYPERPARAMETERS_ATTR not in trial.user_attrs:
        return {}  # it waits, or failed before anything was sampled
    flat = flattened(resolved_hyperparameters(opened, trial))
    names = _determined(opened)
    if names is None:
        return flat if planned_run(trial) is not None else {**flat, **changes_of(opened, trial)}
    return with_settings(flat, names, config_of(opened, trial))


def with_settings(flat: Mapping[str, Any], names: Sequence[str], config: RunConfig) -> dict[str, Any]:
    """What `names` are in flattened hyperparameters and, of settings, in `config`."""
    return {name: setting_of(config, name) if is_setting(name) else flat.get(name) for name in names}


def important_first(opened: OpenStudy) -> list[str]:
    """Names of the tuned hyperparameters, by importance once the search has enough trials for that."""
    weights = importances(opened)
    return list(weights) if weights else _determined(opened) or []


def importances(opened: OpenStudy) -> dict[str, float]:
    """Tuned hyperparameter -> importance by PED-ANOVA, the largest first; empty with few trials or a function's space.

    Those that one dimension determines together have its importance each.
    """
    space = opened.config.search_space
    finished = opened.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    enough = sum(bool(trial.params) and not has_floor_value(trial) for trial in finished) >= _ENOUGH
    if not isinstance(space, SearchSpace) or not enough:
        return {}
    # Loaded at its first use: scikit-learn, which it brings, takes as long as all the rest of a command.
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    with warnings.catch_warnings():
        # Marked experimental since Optuna 3.6.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        evaluator = PedAnovaImportanceEvaluator(target_quantile=_BEST)
        weights = get_param_importances(opened.study, evaluator=evaluator, params=list(space.dimensions))
    ordered = sorted(space.dimensions, key=lambda name: -weights.get(name, 0.0))
    return {name: weights.get(one, 0.0) for one in ordered for name in space.dimensions[one].determines()}


def differing(rows: Sequence[Mapping[str, Any]], first: Sequence[str] = ()) -> list[str]:
    """Names in which `rows` differ, all of a single row; those that `first` names come first, in its order.

    Of these a row without a value, which is of another algorithm, is not counted as different.
    """
    names = dict.fromkeys((*first, *(name for row in rows for name in row)))
    return [name for name in names if len(rows) == 1 or _differ([row.get(name) for row in rows], name in first)]


def _differ(values: Sequence[Any], must_be_given: bool) -> bool:
    counted = [value for value in values if value is not None or not must_be_given]
    return any(value != counted[0] for value in counted)


def _determined(opened: OpenStudy) -> list[str] | None:
    space = opened.config.search_space
    if not isinstance(space, SearchSpace):
        return None
    return [name for dimension in space.dimensions.values() for name in dimension.determines()]
