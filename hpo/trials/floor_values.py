"""The values of trials whose runs gave none: they diverged or were refused.

A FAIL would teach a sampler nothing, and an arbitrary constant would flatten the dashboard's plots. So such a trial is
COMPLETE, with a value just below the worst of the honest trials. Which that is changes while the study goes on, so it
is decided when it is read; what is stored follows after each trial, for whoever reads the database without us.
"""

import json
import math
from collections.abc import Iterable, Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpo.database.resilient_storage import ResilientStorage
from hpo.trials.planned_run import planned_run
from objectives.objective import Objective
from objectives.run_result import CurvePoint
from samplers import has_floor_value

_ATTEMPTS = 3


def first_floor(trial: optuna.Trial, objective: Objective, curve: Iterable[CurvePoint], budget_s: float) -> float:
    """What is stored as the value of `trial`, which is about to end without one of its own.

    Where nothing honest is there to be compared with, its own learning curve says on which scale values are.
    """
    finished = trial.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    floor = _floor(trial, _worst_honest(finished))
    if floor is not None:
        return floor
    return min(objective.seen(curve, budget_s), default=objective.floor_without_evidence(budget_s))


def values(finished: Sequence[FrozenTrial]) -> dict[int, float]:
    """Number of each COMPLETE trial -> its value, with those that have none of their own behind all that have one."""
    worst = _worst_honest(finished)
    return {trial.number: _value(trial, worst) for trial in finished}


def settle(study: optuna.Study) -> None:
    """Stores anew the values that are no longer just below the worst honest one."""
    storage = study._storage
    assert isinstance(storage, ResilientStorage)
    # Once more after writing: another worker may have finished a trial, and settled, in between. Whoever is last sees
    # all of them, so nobody need go on for ever.
    for _ in range(_ATTEMPTS):
        moved = _moved(study)
        if not moved:
            return
        storage.set_trial_values(moved)


def _moved(study: optuna.Study) -> dict[int, float]:
    """Trial id -> its value, of those that have another one stored."""
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    decided = values(finished)
    return {t._trial_id: decided[t.number] for t in finished if decided[t.number] != t.value}


def _value(trial: FrozenTrial, worst: dict[str, float]) -> float:
    assert trial.value is not None  # Optuna: a COMPLETE trial has one
    floor = _floor(trial, worst) if has_floor_value(trial) else None
    return trial.value if floor is None else floor


def _floor(trial: optuna.Trial | FrozenTrial, worst: dict[str, float]) -> float | None:
    """Just below the worst honest value in the same setting; None: there is none.

    A replay's setting may be the search's: its trials know the worst value of that.
    """
    planned = planned_run(trial)
    known = (worst.get(_setting(trial)), None if planned is None else planned.floor)
    honest = [value for value in known if value is not None]
    return math.nextafter(min(honest), -math.inf) if honest else None


def _worst_honest(finished: Iterable[FrozenTrial]) -> dict[str, float]:
    """Setting -> the lowest value that a run in it gave."""
    worst: dict[str, float] = {}
    for trial in finished:
        if trial.value is not None and not has_floor_value(trial):
            setting = _setting(trial)
            worst[setting] = min(trial.value, worst.get(setting, math.inf))
    return worst


def _setting(trial: optuna.Trial | FrozenTrial) -> str:
    """In what a run differs from its study's; the same for all sampled ones."""
    planned = planned_run(trial)
    return json.dumps({} if planned is None else planned.changes, sort_keys=True)
