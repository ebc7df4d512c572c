"""What the winner trains with, beside what people would have tried without a search."""

from collections.abc import Sequence
from typing import Any

import samplers
from hpo.replays.standing import Standing
from hpo.reports.tuned_values import important_first, with_settings
from hpo.runs.run_config import RunConfig
from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials
from hpo.trials.shown_hyperparameters import flattened, short_name, short_value
from hpo.trials.trial_runs import changed_config, config_of, hyperparameters_of
from objectives.special_values import resolved

_REFERENCE = "tuned-a1"
"""SAC's, the best published for a task of this kind."""


def winner_beside_defaults(source: OpenStudy, stands: Standing) -> list[dict[str, str]]:
    """A row for each hyperparameter: of the replay's winner, else of the best trial, of sbx's defaults and `tuned-a1`.

    Those that were tuned come first, the most important ahead. Empty where nothing trains yet.
    """
    found = _winner(source, stands)
    if found is None:
        return []
    name, config, hyperparameters = found
    others = {f"{config.algorithm}'s defaults": samplers.DEFAULTS[config.algorithm]}
    if config.algorithm == "sac":
        others[_REFERENCE] = samplers.baseline(_REFERENCE)
    important = important_first(source)
    flat = {
        name: _shown(important, hyperparameters, config),
        **{column: _shown(important, given, source.config) for column, given in others.items()},
    }
    names = dict.fromkeys((*important, *(key for given in flat.values() for key in given)))
    rows = [(key, [given.get(key) for given in flat.values()]) for key in names if key != "policy"]
    return [
        {"hyperparameter": short_name(key), **dict(zip(flat, map(short_value, values), strict=True))}
        for key, values in rows
        if any(value is not None for value in values)
    ]


def _shown(important: Sequence[str], hyperparameters: dict[str, Any], config: RunConfig) -> dict[str, Any]:
    flat = flattened(resolved(hyperparameters, config.n_envs))
    return {**flat, **with_settings(flat, important, config)}


def _winner(source: OpenStudy, stands: Standing) -> tuple[str, RunConfig, dict[str, Any]] | None:
    """Its name, what it was trained under, and with which hyperparameters."""
    rows = stands.ranking.rows
    if rows and rows[0].trains:
        won = rows[0].candidate
        return won.name, changed_config(source.config, won.changes), won.hyperparameters
    best = best_trials(source, 1)
    if not best:
        return None
    return f"trial {best[0].number}", config_of(source, best[0]), hyperparameters_of(source, best[0])
