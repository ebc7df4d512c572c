"""What the winner trains with, beside what people would have tried without a search."""

from typing import Any

import samplers
from hpo.replays.replay_study import Standing
from hpo.reports.tuned_values import flattened, important_first, short_name, short_value
from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials
from hpo.trials.trial_runs import config_of, hyperparameters_of
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
    name, algorithm, hyperparameters = found
    columns = {name: hyperparameters, f"{algorithm}'s defaults": samplers.DEFAULTS[algorithm]}
    if algorithm == "sac":
        columns[_REFERENCE] = samplers.baseline(_REFERENCE)
    flat = {column: flattened(resolved(given, source.config.n_envs)) for column, given in columns.items()}
    names = dict.fromkeys((*important_first(source), *(key for given in flat.values() for key in given)))
    rows = [(key, [given.get(key) for given in flat.values()]) for key in names if key != "policy"]
    return [
        {"hyperparameter": short_name(key), **dict(zip(flat, map(short_value, values), strict=True))}
        for key, values in rows
        if any(value is not None for value in values)
    ]


def _winner(source: OpenStudy, stands: Standing) -> tuple[str, str, dict[str, Any]] | None:
    rows = stands.ranking.rows
    if rows and rows[0].trains:
        won = rows[0].candidate
        return won.name, won.changes.get("algorithm", source.config.algorithm), won.hyperparameters
    best = best_trials(source, 1)
    if not best:
        return None
    return f"trial {best[0].number}", config_of(source, best[0]).algorithm, hyperparameters_of(source, best[0])
