"""Workers that start together on an empty database: one makes Optuna's tables, the others wait for it.

Optuna creates them without asking whether another process is at it, and the second one fails.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy

from hpo.errors import UserError

LOCK_CLASS = 0x68706F
"""Stands for "hpo": PostgreSQL's advisory locks share one space of numbers."""
_TRY_LOCK = sqlalchemy.text("SELECT pg_try_advisory_xact_lock(:lock_class, 0)").bindparams(lock_class=LOCK_CLASS)
_ASKED_EVERY_S = 0.2


@contextmanager
def alone_while_making_tables(engine: sqlalchemy.Engine, patience_s: float) -> Iterator[None]:
    """Lets one process at a time in for as long as the database has no tables, and everybody once it has them.

    Opening a storage that has them takes a good part of a second, for which workers need not queue.

    Args:
        engine: Of a PostgreSQL database, by any role that may connect.
        patience_s: How long another process may take for making them.

    Raises:
        UserError: It has taken longer.
    """
    waits_until = time.monotonic() + patience_s
    while not _has_tables(engine):
        with engine.begin() as connection:
            if connection.execute(_TRY_LOCK).scalar_one() and not _has_tables(engine):
                yield
                return
        if time.monotonic() > waits_until:
            raise UserError(
                f"another process has been making the tables of {engine.url.database} for {patience_s:.0f} s and is "
                "not done: find it (pg_locks names whoever holds the advisory lock), or try again"
            )
        # Asked again and again: a statement that waits for a lock looks like a server that has fallen silent.
        time.sleep(_ASKED_EVERY_S)
    yield


def _has_tables(engine: sqlalchemy.Engine) -> bool:
    """Whether Optuna has made them: last of all it notes their revision."""
    with engine.connect() as connection:
        if connection.execute(sqlalchemy.text("SELECT to_regclass('alembic_version')")).scalar_one() is None:
            return False
        return bool(connection.execute(sqlalchemy.text("SELECT count(*) FROM alembic_version")).scalar_one())
