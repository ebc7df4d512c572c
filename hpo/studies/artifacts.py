"""Artifacts of a study and of its trials: files in its store, which Optuna and the dashboard list."""

import io
import json
import mimetypes
import uuid
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import asdict
from typing import Any

import optuna
from optuna.artifacts import ArtifactMeta, get_all_artifact_meta
from optuna.artifacts._protocol import ArtifactStore
from optuna.artifacts._upload import ARTIFACTS_ATTR_PREFIX
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna.trial import FrozenTrial

from hpo.studies.study import OpenStudy

_UNKNOWN = "application/octet-stream"


def add_trial_artifact(opened: OpenStudy, trial: optuna.Trial, name: str, content: bytes) -> None:
    """Adds a file to those of a trial that is still running."""
    _add(opened, name, content, lambda key, listed: opened.storage.set_trial_system_attr(trial._trial_id, key, listed))


def put_study_artifact(opened: OpenStudy, name: str, content: bytes) -> None:
    """Adds a file to those of a study, in the place of earlier ones of that name."""
    earlier = [meta for meta in get_all_artifact_meta(opened.study) if meta.filename == name]
    study_id = opened.study._study_id
    _add(opened, name, content, lambda key, listed: opened.storage.set_study_system_attr(study_id, key, listed))
    for meta in earlier:
        remove_artifact(opened, meta.artifact_id)


def remove_artifact(opened: OpenStudy, artifact_id: str) -> None:
    """Removes a file of the study, or of one of its trials, from list and store."""
    opened.storage.hide_artifact(artifact_id)
    with suppress(ArtifactNotFound):  # somebody has removed it already
        opened.artifacts.remove(artifact_id)


def remove_artifacts(opened: OpenStudy) -> None:
    """Empties the study's store of what it and its trials keep there; before the study is deleted."""
    of_trials = opened.storage.trial_artifacts(opened.study._study_id).values()
    ids = [artifact_id for of_trial in of_trials for artifact_id in of_trial.values()]
    for artifact_id in (*ids, *(meta.artifact_id for meta in get_all_artifact_meta(opened.study))):
        with suppress(ArtifactNotFound):
            opened.artifacts.remove(artifact_id)


def with_own_artifacts(trial: FrozenTrial, source: ArtifactStore, target: ArtifactStore) -> FrozenTrial:
    """`trial` with copies, in `target`, of the files that it has in `source`."""
    attrs = {}
    for key, value in trial.system_attrs.items():
        if not key.startswith(ARTIFACTS_ATTR_PREFIX):
            attrs[key] = value
            continue
        listed = json.loads(value)
        with suppress(ArtifactNotFound):  # it was removed meanwhile
            artifact_id = str(uuid.uuid4())
            with source.open_reader(listed["artifact_id"]) as content:
                target.write(artifact_id, content)
            attrs[f"{ARTIFACTS_ATTR_PREFIX}{artifact_id}"] = json.dumps({**listed, "artifact_id": artifact_id})
    copied = copy(trial)  # the storage keeps what it gave
    copied.system_attrs = attrs
    return copied


def _add(opened: OpenStudy, name: str, content: bytes, put_on_list: Callable[[str, Any], None]) -> None:
    # Not by Optuna's `upload_artifact`, which puts a file on the list before the store has it.
    artifact_id = str(uuid.uuid4())
    opened.artifacts.write(artifact_id, io.BytesIO(content))
    kind, encoding = mimetypes.guess_type(name)
    listed = ArtifactMeta(artifact_id, name, kind or _UNKNOWN, encoding)
    try:
        put_on_list(f"{ARTIFACTS_ATTR_PREFIX}{artifact_id}", json.dumps(asdict(listed)))
    except Exception:
        opened.artifacts.remove(artifact_id)  # nobody would find it
        raise
