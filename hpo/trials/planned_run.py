"""A run that is planned, not sampled: by a replay, or as a baseline of a search."""

from typing import Any

import optuna
from optuna.trial import FrozenTrial
from pydantic import BaseModel, ConfigDict

from hpo.database.attributes import RUN_ATTR, read_stored
from replay.seeds import Purpose


class PlannedRun(BaseModel):
    """What a trial is enqueued with."""

    model_config = ConfigDict(frozen=True)

    candidate: str
    hyperparameters: dict[str, Any]
    seed: int | None = None
    """None: the trial's own."""
    changes: dict[str, Any] = {}
    """Fields of the study's definition -> the values of this run: in what the replay's setting differs."""
    candidate_changes: dict[str, Any] = {}
    """As those, and part of the candidate: what a baseline is trained with that the study does not train."""
    purpose: Purpose = "replay"
    """Of a replay's run; for a baseline of a search it says nothing."""
    floor: float | None = None
    """What the run is worth less than if it diverges: the worst honest value of the search. None: there is none."""

    @property
    def title(self) -> str:
        """What people call it: `trial 17, seed 3`, or `baseline:tuned-a1`."""
        return self.candidate if self.seed is None else f"{self.candidate}, seed {self.seed}"

    @property
    def all_changes(self) -> dict[str, Any]:
        """What differs from the study's definition; a setting that was asked for goes before a candidate's own."""
        return {**self.candidate_changes, **self.changes}


def planned_run(trial: optuna.Trial | FrozenTrial) -> PlannedRun | None:
    """What `trial` is to run; None: it samples its hyperparameters.

    Raises:
        UserError: It asks for something that is no run.
    """
    stored = trial.user_attrs.get(RUN_ATTR)
    return None if stored is None else read_stored(PlannedRun, stored, f"trial {trial.number} asks for a run")
