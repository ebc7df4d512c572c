"""What a worker writes between two runs, while its GPU waits: all of it at once, not each attribute by itself.

Optuna gives every attribute a transaction of its own, and a trial has some forty; optuna_dashboard's `save_note` reads
the notes of all trials of the study, twice, to write one.
"""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy
from optuna.artifacts._upload import ARTIFACTS_ATTR_PREFIX
from optuna.storages._rdb import models
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_Note = models.StudySystemAttributeModel


def write_user_attrs(session: Session, trial_id: int, attributes: dict[str, Any]) -> None:
    """Sets user attributes of a trial."""
    rows = [{"trial_id": trial_id, "key": key, "value_json": json.dumps(value)} for key, value in attributes.items()]
    _upsert(session, models.TrialUserAttributeModel, ["trial_id", "key"], rows)


def write_values(session: Session, values: Mapping[int, float]) -> None:
    """Trial id -> the value that a COMPLETE trial is to have instead of the one it has."""
    for trial_id, value in sorted(values.items()):  # in one order, or two writers could wait for each other
        session.execute(
            sqlalchemy.update(models.TrialValueModel)
            .where(models.TrialValueModel.trial_id == trial_id)
            .values(value=value, value_type=models.TrialValueModel.TrialValueType.FINITE)
        )


def write_note(session: Session, study_id: int, trial_id: int, body: str) -> None:
    """Puts `body`, which is Markdown, in the place of a trial's note.

    The dashboard keeps the notes of trials in the study's system attributes: a version, by which it knows whether
    somebody else wrote meanwhile, and the text in parts.
    """
    # The package draws in scikit-learn: half a second that no other command need wait for.
    from optuna_dashboard._note import note_str_key_prefix, note_ver_key, split_body

    version = session.scalar(
        sqlalchemy.select(_Note.value_json).where(_Note.study_id == study_id, _Note.key == note_ver_key(trial_id))
    )
    written = {note_ver_key(trial_id): 1, **split_body(body, trial_id)}
    if version is not None:
        parts = sqlalchemy.select(_Note.key).where(
            _Note.study_id == study_id, _Note.key.startswith(note_str_key_prefix(trial_id), autoescape=True)
        )
        # The old note may have more parts: the dashboard joins all that there are.
        written = {**dict.fromkeys(session.scalars(parts), ""), **written, note_ver_key(trial_id): int(version) + 1}
    rows = [{"study_id": study_id, "key": key, "value_json": json.dumps(value)} for key, value in written.items()]
    _upsert(session, _Note, ["study_id", "key"], rows)


def hide_artifact(session: Session, artifact_id: str) -> None:
    """Takes an artifact off the list of its study's or its trial's.

    Optuna cannot read a list with an entry that is null, as the dashboard leaves one, and a worker's role may not
    delete: the entry gets a key that neither looks for.
    """
    key = f"{ARTIFACTS_ATTR_PREFIX}{artifact_id}"
    for attrs in (models.TrialSystemAttributeModel, models.StudySystemAttributeModel):
        session.execute(sqlalchemy.update(attrs).where(attrs.key == key).values(key=f"removed_{key}"))


def _upsert(session: Session, model: type[models.BaseModel], unique: list[str], rows: list[dict[str, Any]]) -> None:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(model).values(rows)
    value = {"value_json": statement.excluded.value_json}
    session.execute(statement.on_conflict_do_update(index_elements=unique, set_=value))
