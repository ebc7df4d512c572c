"""Workers that start together on an empty database; 32 of them are in tests/acceptance/test_starting_together.py."""

import threading
from pathlib import Path

import pytest
import sqlalchemy

from hpo.database.schema_lock import LOCK_CLASS
from hpo.database.storage import open_storage
from hpo.errors import UserError

LOCK = sqlalchemy.text("SELECT pg_advisory_xact_lock(:lock_class, 0)").bindparams(lock_class=LOCK_CLASS)


def test_a_worker_waits_for_another_that_makes_the_tables(tmp_path: Path, url: str) -> None:
    engine = sqlalchemy.create_engine(url)
    opened = threading.Event()

    def open_it() -> None:
        with open_storage(url, tmp_path) as storage:
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


def test_a_worker_that_waits_too_long_for_the_tables_says_so_and_makes_none(tmp_path: Path, url: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as other:
        other.execute(LOCK)
        with pytest.raises(UserError, match="making the tables of postgres for 1 s"):
            with open_storage(url, tmp_path, retry_for_s=1):
                pass
    assert sqlalchemy.inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_database_that_has_its_tables_is_opened_whoever_holds_the_lock(tmp_path: Path, url: str) -> None:
    with open_storage(url, tmp_path):
        pass
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as other:
        other.execute(LOCK)
        with open_storage(url, tmp_path, retry_for_s=1) as storage:
            assert storage.get_all_studies() == []
    engine.dispose()
