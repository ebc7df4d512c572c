"""A run that is planned, not sampled: by a replay, or as a baseline of a search."""

from typing import Any

import optuna
from optuna.trial import FrozenTrial
from pydantic import BaseModel, ConfigDict, ValidationError

from hpo.database.trial_slots import RUN_ATTR
from hpo.errors import UserError
from replay.seeds import Purpose


class PlannedRun(BaseModel):
    """What a trial is enqueued with."""

    model_config = ConfigDict(frozen=True)

    candidate: str
    hyperparameters: dict[str, Any]
    seed: int | None = None
    """None: the trial's own."""
    changes: dict[str, Any] = {}
    """Fields of the study's definition -> the values of this run."""
    purpose: Purpose = "replay"
    floor: float | None = None
    """What the run is worth at most if it diverges: the worst value of the search. None: no search to compare with."""


def planned_run(trial: optuna.Trial | FrozenTrial) -> PlannedRun | None:
    """What `trial` is to run; None: it samples its hyperparameters.

    Raises:
        UserError: It asks for something that is no run.
    """
    stored = trial.user_attrs.get(RUN_ATTR)
    if stored is None:
        return None
    try:
        return PlannedRun.model_validate(stored)
    except ValidationError as error:
        fields = ", ".join(".".join(str(part) for part in fault["loc"]) or "all" for fault in error.errors())
        raise UserError(f"trial {trial.number} asks for a run that hpo did not plan (fields {fields})") from error
