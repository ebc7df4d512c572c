"""What Optuna asks of every storage, asked of ours on the embedded PostgreSQL and on a server's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from optuna.testing.pytest_storages import StorageTestCase

from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage
from tests.databases import Databases
from tests.postgresql_server import running_postgresql

pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Databases]:
    with running_postgresql() as url:
        yield Databases(url, home)


class TestOnTheEmbeddedPostgresql(StorageTestCase):
    @pytest.fixture
    def storage(self, url: str, tmp_path: Path) -> Iterator[ResilientStorage]:
        with open_storage(url, tmp_path) as storage:
            yield storage


class TestOnAServer(StorageTestCase):
    @pytest.fixture
    def storage(self, server: Databases, tmp_path: Path) -> Iterator[ResilientStorage]:
        with server.fresh() as url, open_storage(url, tmp_path) as storage:
            yield storage
