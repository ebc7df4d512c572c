"""A folder of artifacts: what else lies there is not touched, whatever ids the database has."""

import io
from pathlib import Path
from uuid import uuid4

import pytest
from optuna.artifacts.exceptions import ArtifactNotFound

from hpo.database.artifact_stores import artifact_store
from hpo.database.resilient_storage import ResilientStorage


def test_a_folders_other_files_are_neither_read_nor_removed_nor_written(
    storage: ResilientStorage, tmp_path: Path
) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    store = artifact_store(storage, str(tmp_path))
    for artifact_id in ("notes.txt", "../notes.txt", str(other), "", f"{uuid4()}/../notes.txt", uuid4().hex):
        with pytest.raises(ArtifactNotFound, match="no artifact's id"):
            store.open_reader(artifact_id)
        with pytest.raises(ArtifactNotFound, match="no artifact's id"):
            store.remove(artifact_id)
        with pytest.raises(ArtifactNotFound, match="no artifact's id"):
            store.write(artifact_id, io.BytesIO(b"theirs"))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("notes.txt", "mine")]


def test_artifacts_are_kept_and_removed(storage: ResilientStorage, tmp_path: Path) -> None:
    store = artifact_store(storage, str(tmp_path))
    artifact_id = str(uuid4())
    store.write(artifact_id, io.BytesIO(b"kept"))
    with store.open_reader(artifact_id) as content:
        assert content.read() == b"kept"
    store.remove(artifact_id)
    assert not list(tmp_path.iterdir())
