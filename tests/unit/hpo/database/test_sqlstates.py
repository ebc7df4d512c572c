"""Every error class of PostgreSQL has an answer."""

import pytest
from psycopg2 import errorcodes

from hpo.database.sqlstates import GIVE_UP, WAIT, passes

CLASSES = {code for name, code in vars(errorcodes).items() if name.startswith("CLASS_") and len(code) == 2}


def test_every_class_is_either_waited_for_or_given_up() -> None:
    assert CLASSES - {*WAIT, *GIVE_UP} == set()
    assert not set(WAIT) & set(GIVE_UP)


@pytest.mark.parametrize(
    "code",
    [
        errorcodes.CONNECTION_FAILURE,
        errorcodes.READ_ONLY_SQL_TRANSACTION,
        errorcodes.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        errorcodes.SERIALIZATION_FAILURE,
        errorcodes.DEADLOCK_DETECTED,
        errorcodes.DISK_FULL,
        errorcodes.TOO_MANY_CONNECTIONS,
        errorcodes.LOCK_NOT_AVAILABLE,
        errorcodes.QUERY_CANCELED,
        errorcodes.ADMIN_SHUTDOWN,
        errorcodes.CANNOT_CONNECT_NOW,
        errorcodes.IO_ERROR,
        errorcodes.SNAPSHOT_TOO_OLD,
    ],
)
def test_what_passes_is_waited_for(code: str) -> None:
    assert passes(code)


@pytest.mark.parametrize(
    "code",
    [
        errorcodes.STRING_DATA_RIGHT_TRUNCATION,
        errorcodes.UNTRANSLATABLE_CHARACTER,
        errorcodes.NOT_NULL_VIOLATION,
        errorcodes.INVALID_PASSWORD,
        errorcodes.INVALID_CATALOG_NAME,
        errorcodes.INSUFFICIENT_PRIVILEGE,
        errorcodes.UNDEFINED_TABLE,
        errorcodes.DATABASE_DROPPED,
        errorcodes.RAISE_EXCEPTION,
        errorcodes.DATA_CORRUPTED,
        "99999",
    ],
)
def test_what_stays_is_given_up(code: str) -> None:
    assert not passes(code)
