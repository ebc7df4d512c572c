"""A run that is planned, not sampled: by a replay, or as a baseline of a search."""

from collections.abc import Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial
from pydantic import BaseModel, ConfigDict

from hpo.database.attributes import RUN_ATTR, RUN_KEY_ATTR, read_stored
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


def waiting_trial(
    run: PlannedRun, key: str, values: Mapping[str, float], distributions: Mapping[str, BaseDistribution]
) -> FrozenTrial:
    """A trial that waits to do `run`.

    Args:
        run: What it will do.
        key: Identifies the run: of one key a study takes one trial.
        values: What `run` is of the search space, for samplers and the dashboard; none where it is no point of it.
        distributions: Of the search space.
    """
    return create_trial(
        state=TrialState.WAITING,
        params=dict(values),
        distributions={name: distributions[name] for name in values},
        user_attrs={RUN_KEY_ATTR: key, RUN_ATTR: run.model_dump(mode="json")},
    )


def planned_run(trial: optuna.Trial | FrozenTrial) -> PlannedRun | None:
    """What `trial` is to run; None: it samples its hyperparameters.

    Raises:
        UserError: It asks for something that is no run.
    """
    stored = trial.user_attrs.get(RUN_ATTR)
    return None if stored is None else read_stored(PlannedRun, stored, f"trial {trial.number} asks for a run")
