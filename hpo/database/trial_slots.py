"""The cap on a study's trials, which holds across all workers to the trial, and trials that replace others."""

import json
from contextlib import suppress
from typing import Any

import optuna
import sqlalchemy
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy.orm import Session

from hpo.database.attributes import (
    N_TRIALS_ATTR,
    RETRIES_ATTR,
    RETRY_OF_ATTR,
    RUN_ATTR,
    RUN_KEY_ATTR,
    SIMULATOR_FAULT_ATTR,
)

MAX_RETRIES = 1
"""Parameters that killed two workers may well be what kills them."""
_KEPT = (RUN_ATTR, RUN_KEY_ATTR, SIMULATOR_FAULT_ATTR)
"""Attributes that go over to the trial that replaces another."""


class StudyCompleteError(Exception):
    """All slots of the study are taken."""


class AlreadyThereError(Exception):
    """Another trial replaces the same one, or has the same planned run."""


def refuse_when_full(session: Session, study_id: int) -> None:
    """Keeps a study at its number of trials; for the transaction that is about to create one and holds the study's row.

    Raises:
        StudyCompleteError: All slots of the study are taken.
    """
    n_trials = _n_trials(session, study_id)
    if n_trials is not None and _is_full(session, study_id, n_trials):
        raise StudyCompleteError


def refuse_twin(session: Session, study_id: int, user_attrs: dict[str, Any]) -> None:
    """Keeps a trial one of a kind; for the transaction that is about to create it and holds the study's row.

    Two workers that reap one trial during a restart of the database may both believe that they failed it, a worker
    whose connection breaks after the commit creates again, and two replays plan the same run.

    Args:
        session: The transaction.
        study_id: The study.
        user_attrs: What the trial will have; `RETRY_OF_ATTR` and `RUN_KEY_ATTR` make it one of a kind.

    Raises:
        AlreadyThereError: There is one.
        StudyCompleteError: It is a new planned run, and all slots of the search are taken.
    """
    if RETRY_OF_ATTR in user_attrs and _exists(session, study_id, RETRY_OF_ATTR, user_attrs[RETRY_OF_ATTR]):
        raise AlreadyThereError
    if RUN_KEY_ATTR in user_attrs and _exists(
        session, study_id, RUN_KEY_ATTR, user_attrs[RUN_KEY_ATTR], but_not=TrialState.FAIL
    ):
        raise AlreadyThereError
    if RUN_KEY_ATTR in user_attrs and RETRY_OF_ATTR not in user_attrs:
        # A replay has no slots: its trials are those that are enqueued.
        n_trials = _n_trials(session, study_id)
        if n_trials and _is_full(session, study_id, n_trials):
            raise StudyCompleteError


def retry_trial(study: optuna.Study, trial: FrozenTrial, lost: bool, simulator_fault: str | None = None) -> None:
    """Enqueues `trial`'s parameters again, in its slot.

    Args:
        study: The trial's study.
        trial: A finished trial without a result.
        lost: Whether its worker died, which happens `MAX_RETRIES` times at most; a trial that was handed back does
            not count.
        simulator_fault: What the simulator did in its run; such a trial is done once more, and no more.
    """
    retries = trial.user_attrs.get(RETRIES_ATTR, 0) + lost
    if retries > MAX_RETRIES:
        return
    waiting = create_trial(
        state=TrialState.WAITING,
        params=trial.params,
        distributions=trial.distributions,
        user_attrs={
            **{key: trial.user_attrs[key] for key in _KEPT if key in trial.user_attrs},
            **({} if simulator_fault is None else {SIMULATOR_FAULT_ATTR: simulator_fault}),
            RETRY_OF_ATTR: trial.number,
            RETRIES_ATTR: retries,
        },
        # Optuna's own mark for parameters that are given, not sampled.
        system_attrs={"fixed_params": trial.params},
    )
    with suppress(AlreadyThereError):
        study.add_trial(waiting)


def _n_trials(session: Session, study_id: int) -> int | None:
    """The study's number of slots; None: it has no cap."""
    stored = session.execute(
        sqlalchemy.text("SELECT value_json FROM study_user_attributes WHERE study_id = :study_id AND key = :key"),
        {"study_id": study_id, "key": N_TRIALS_ATTR},
    ).scalar_one_or_none()
    return None if stored is None else int(json.loads(stored))


def _is_full(session: Session, study_id: int, n_trials: int) -> bool:
    trials = sqlalchemy.text("SELECT count(*) FROM trials WHERE study_id = :study_id")
    created = session.execute(trials, {"study_id": study_id}).scalar_one()
    if created < n_trials:
        return False  # without a look at attributes, which are forty times as many
    replacements = sqlalchemy.text(
        "SELECT count(*) FROM trials JOIN trial_user_attributes ON trial_user_attributes.trial_id = trials.trial_id "
        "WHERE trials.study_id = :study_id AND trial_user_attributes.key = :retry_of"
    )
    values = {"study_id": study_id, "retry_of": RETRY_OF_ATTR}
    return bool(created - session.execute(replacements, values).scalar_one() >= n_trials)


def _exists(session: Session, study_id: int, key: str, value: Any, but_not: TrialState | None = None) -> bool:
    """Whether a trial, in another state than `but_not`, has this user attribute."""
    query = sqlalchemy.text(
        "SELECT count(*) FROM trials JOIN trial_user_attributes ON trial_user_attributes.trial_id = trials.trial_id "
        "WHERE trials.study_id = :study_id AND trial_user_attributes.key = :key "
        "AND trial_user_attributes.value_json = :value AND CAST(trials.state AS TEXT) <> :but_not"
    )
    values = {
        "study_id": study_id, "key": key, "value": json.dumps(value), "but_not": but_not.name if but_not else "",
    }  # fmt: skip
    return bool(session.execute(query, values).scalar_one())
