"""Workers that start together on an empty database; 32 of them are in tests/acceptance/test_starting_together.py."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from hpo.database.schema_lock import LOCK_CLASS
from hpo.database.storage import open_storage
from hpo.errors import UserError
from tests.databases import Databases

LOCK = sqlalchemy.text("SELECT pg_advisory_xact_lock(:lock_class, 0)").bindparams(lock_class=LOCK_CLASS)


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    with databases.fresh(template="template1") as url:
        yield url


def test_a_worker_waits_for_another_that_makes_the_tables(tmp_path: Path, empty: str) -> None:
    engine = sqlalchemy.create_engine(empty)
    opened = threading.Event()

    def open_it() -> None:
        with open_storage(empty, tmp_path) as storage:
            assert storage.get_all_studies() == []
            opened.set()

    waiting = threading.Thread(target=open_it)
    with engine.begin() as other:
        other.execute(LOCK)
        waiting.start()
        assert not opened.wait(3)
    waiting.join(60)
    assert opened.is_set()
    engine.dispose()


def test_a_worker_that_waits_too_long_for_the_tables_says_so_and_makes_none(tmp_path: Path, empty: str) -> None:
    engine = sqlalchemy.create_engine(empty)
    with engine.begin() as other:
        other.execute(LOCK)
        with pytest.raises(UserError, match=f"making the tables of {engine.url.database} for 1 s"):
            with open_storage(empty, tmp_path, retry_for_s=1):
                pass
    assert sqlalchemy.inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_database_that_has_its_tables_is_opened_whoever_holds_the_lock(tmp_path: Path, url: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as other:
        other.execute(LOCK)
        with open_storage(url, tmp_path, retry_for_s=1) as storage:
            assert storage.get_all_studies() == []
    engine.dispose()
