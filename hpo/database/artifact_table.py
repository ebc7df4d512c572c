"""Artifacts in the study's own database: an artifact store of Optuna's kind, which every machine of a fleet reaches."""

import io
from typing import BinaryIO

import sqlalchemy
from optuna.artifacts.exceptions import ArtifactNotFound
from sqlalchemy import Column, Engine, LargeBinary, MetaData, String, Table

from hpo.database.resilient_storage import ResilientStorage

_artifacts = Table(
    "hpo_artifacts",
    MetaData(),
    Column("artifact_id", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)


class DatabaseArtifactStore:
    """Keeps each artifact as a row of one table.

    Args:
        storage: Of the studies whose artifacts these are.
    """

    def __init__(self, storage: ResilientStorage) -> None:
        self._storage = storage

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """The artifact's content.

        Raises:
            ArtifactNotFound: There is none.
        """
        content = self._storage.repeat(self._read, artifact_id)
        if content is None:
            raise ArtifactNotFound(artifact_id)
        return io.BytesIO(content)

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keeps an artifact, in the place of one with the same id; makes the table where there is none."""
        self._storage.repeat(self._write, artifact_id, content_body.read())

    def remove(self, artifact_id: str) -> None:
        """Removes an artifact, if it is there."""
        self._storage.repeat(self._remove, artifact_id)

    @property
    def _engine(self) -> Engine:
        return self._storage.tables.engine

    def _read(self, artifact_id: str) -> bytes | None:
        if not _is_there(self._engine):
            return None
        wanted = sqlalchemy.select(_artifacts.c.content).where(_artifacts.c.artifact_id == artifact_id)
        with self._engine.connect() as connection:
            content: bytes | None = connection.execute(wanted).scalar_one_or_none()
        return content

    def _write(self, artifact_id: str, content: bytes) -> None:
        make_artifact_table(self._engine)
        with self._engine.begin() as connection:
            # What a connection that broke may have written already.
            connection.execute(sqlalchemy.delete(_artifacts).where(_artifacts.c.artifact_id == artifact_id))
            connection.execute(sqlalchemy.insert(_artifacts).values(artifact_id=artifact_id, content=content))

    def _remove(self, artifact_id: str) -> None:
        if _is_there(self._engine):
            with self._engine.begin() as connection:
                connection.execute(sqlalchemy.delete(_artifacts).where(_artifacts.c.artifact_id == artifact_id))


def make_artifact_table(engine: Engine) -> None:
    """Makes the table where there is none."""
    try:
        if not _is_there(engine):
            _artifacts.create(engine)
    except sqlalchemy.exc.DBAPIError:
        # Workers that start together: another one has just made it.
        if not _is_there(engine):
            raise


def _is_there(engine: Engine) -> bool:
    with engine.connect() as connection:
        return sqlalchemy.inspect(connection).has_table(_artifacts.name)
