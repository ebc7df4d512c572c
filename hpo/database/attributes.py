"""Every key that hpo stores with a study and a trial, and the one reader of what is stored.

All are Optuna user attributes, whose values are JSON. Beside them a trial has its record, whose keys are the fields of
`hpo.trials.record.TrialRecord`, and the agent's hyperparameters by their own names, for people who look at the
dashboard. Keys never change their meaning: studies of older versions are read.
"""

from typing import Any

from pydantic import BaseModel, ValidationError

from hpo.errors import UserError
from hpo.faults import describe_faults
from samplers import DIVERGED_ATTR, REFUSED_ATTR, RETRY_OF_ATTR  # which the samplers read, too

__all__ = [
    "DEFINITION_ATTR",
    "DIVERGED_ATTR",
    "HYPERPARAMETERS_ATTR",
    "LATE_ATTR",
    "LOOKS_ATTR",
    "N_TRIALS_ATTR",
    "PAUSED_ATTR",
    "REFUSED_ATTR",
    "RETRIES_ATTR",
    "RETRY_OF_ATTR",
    "RUN_ATTR",
    "RUN_KEY_ATTR",
    "SIMULATOR_FAULT_ATTR",
    "SMOOTHED_ATTR",
    "STOP_ATTR",
    "read_stored",
]

# Of a study.
DEFINITION_ATTR = "definition"
"""What is trained and searched, and on which hardware (`hpo.studies.study.Definition`). It is written last: a study
that has it is complete."""
N_TRIALS_ATTR = "n_trials"
"""The number of slots; 0 of a replay, which has the runs that were planned."""
STOP_ATTR = "stop"
"""The latest order to stop: `order`, an id of its own, and `now`, whether trials are handed back. Workers that start
after it are not affected."""
PAUSED_ATTR = "paused"
"""Whether workers wait instead of starting a trial."""
LOOKS_ATTR = "looks"
"""Of a replay: how often its ranking decides at most whether to go on; its p-values are those of so many looks."""
SMOOTHED_ATTR = "smoothed_scores"
"""Of a replay: candidate -> the smoothed score by which it was chosen."""

# Of a trial, before its run: which run it asks for, and whose place it takes (RETRY_OF_ATTR).
RUN_ATTR = "run"
"""The run that a replay or a baseline planned (`hpo.trials.planned_run.PlannedRun`). A trial without it samples its
hyperparameters."""
RUN_KEY_ATTR = "run_key"
"""Identifies that run. Of a study's trials that did not fail, one at most has a key."""
RETRIES_ATTR = "retries"
"""How often a dead worker lost this trial's parameters so far."""
SIMULATOR_FAULT_ATTR = "simulator_fault_before"
"""What the simulator did in the run that this trial does once more, with another seed."""
HYPERPARAMETERS_ATTR = "hyperparameters"
"""What a trial of a search space that is a function trains with: the function may be another one by now."""

# Of a trial whose run came to its end late.
LATE_ATTR = "late_result_of"
"""Number of the trial that was taken for dead, and whose run gave this one's result."""


def read_stored[Model: BaseModel](kind: type[Model], stored: Any, what: str) -> Model:
    """`stored` as a `kind`: whoever may write to the database wrote it.

    Args:
        kind: What it should be.
        stored: What was read.
        what: Where, for the error: `trial 3 has a record`.

    Raises:
        UserError: It is none; one line that names every field at fault.
    """
    try:
        return kind.model_validate(stored)
    except ValidationError as error:
        raise UserError(f"{what} that hpo did not write: {describe_faults(error, 'all')}") from error
