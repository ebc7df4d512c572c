"""What the dashboard shows of artifacts: those of all studies, each in the store that its study names."""

from typing import BinaryIO

from optuna.artifacts.exceptions import ArtifactNotFound

from hpo.database.artifact_stores import artifact_store
from hpo.database.artifact_table import DatabaseArtifactStore
from hpo.database.resilient_storage import ResilientStorage
from hpo.errors import UserError
from hpo.studies.study import find_study, list_studies


class ArtifactsOfStudies:
    """An artifact store that looks in every place that a study keeps its artifacts in.

    The dashboard asks for an artifact by its id alone. What people upload there goes into the database.

    Args:
        storage: Of the studies.
    """

    def __init__(self, storage: ResilientStorage) -> None:
        self._storage = storage
        self._own = DatabaseArtifactStore(storage)

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """The artifact's content.

        Raises:
            ArtifactNotFound: There is none in any of the places that this machine reaches.
        """
        for place in (None, *self._places()):
            try:
                return artifact_store(self._storage, place).open_reader(artifact_id)
            except (ArtifactNotFound, UserError):
                continue
        raise ArtifactNotFound(artifact_id)

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keeps an artifact."""
        self._own.write(artifact_id, content_body)

    def remove(self, artifact_id: str) -> None:
        """Removes an artifact from the database; those elsewhere stay."""
        self._own.remove(artifact_id)

    def _places(self) -> set[str]:
        studies = (find_study(self._storage, name) for name in list_studies(self._storage))
        return {one.config.artifacts for one in studies if one is not None and one.config.artifacts is not None}
