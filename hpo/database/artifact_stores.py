"""Where a study's artifacts lie: in its own database, in a folder that all machines share, or in an S3 bucket."""

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit
from uuid import UUID

from optuna.artifacts import FileSystemArtifactStore
from optuna.artifacts._protocol import ArtifactStore
from optuna.artifacts.exceptions import ArtifactNotFound

from hpo.database.artifact_table import DatabaseArtifactStore
from hpo.database.resilient_storage import ResilientStorage
from hpo.errors import UserError

S3 = "s3"


def artifact_store(storage: ResilientStorage, place: str | None) -> ArtifactStore:
    """The store that `place` names: a folder, or `s3://BUCKET`; None: the database of `storage`.

    Raises:
        UserError: The folder is not there, or what it takes to reach a bucket is not installed.
    """
    if place is None:
        return DatabaseArtifactStore(storage)
    url = urlsplit(place)
    if url.scheme == S3:
        return _ArtifactsAlone(_bucket(url.netloc))
    folder = Path(place).expanduser()
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder} for artifacts on this machine")
    return _ArtifactsAlone(FileSystemArtifactStore(folder))


class _ArtifactsAlone:
    """A store that neither reads nor removes what is no artifact.

    Place and ids come from the database: whoever writes there could have a worker remove, and a dashboard show, any
    file below the folder. Artifacts have ids made by `uuid.uuid4`, Optuna's own as well.
    """

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store

    def open_reader(self, artifact_id: str) -> BinaryIO:
        return self._store.open_reader(_checked(artifact_id))

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self._store.write(_checked(artifact_id), content_body)

    def remove(self, artifact_id: str) -> None:
        self._store.remove(_checked(artifact_id))


def _checked(artifact_id: str) -> str:
    with suppress(ValueError):
        if str(UUID(artifact_id)) == artifact_id:
            return artifact_id
    raise ArtifactNotFound(f"{artifact_id!r} is no artifact's id")


def check_place(place: str) -> str:
    """`place`, if it can be one.

    Raises:
        ValueError: It is neither a folder nor a bucket.
    """
    url = urlsplit(place)
    if url.scheme == S3 and (not url.netloc or url.path.strip("/")):
        raise ValueError("write s3://BUCKET, without a path: artifacts have names of their own")
    if url.scheme not in ("", S3):
        raise ValueError(f"artifacts lie in a folder or in s3://BUCKET, and not in {url.scheme}://")
    if not url.scheme and not Path(place).expanduser().is_absolute():
        raise ValueError("give the folder from the root: workers begin in different ones")
    return place


def _bucket(name: str) -> ArtifactStore:
    try:
        from optuna.artifacts import Boto3ArtifactStore

        return Boto3ArtifactStore(name)
    except ImportError as error:
        raise UserError(f"artifacts in s3://{name} need boto3 (pip install 'hpo[s3]')") from error
