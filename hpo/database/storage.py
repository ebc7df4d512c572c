"""Opening the storage of studies: the embedded PostgreSQL, or the database of a URL."""

import shlex
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import optuna
import psycopg2.errorcodes
import sqlalchemy
import sqlalchemy.exc
from filelock import FileLock, Timeout
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from hpo.database.embedded_postgres import embedded_postgres, revive_embedded_postgres
from hpo.database.other_applications import refuse_another_applications
from hpo.database.resilient_storage import (
    RETRY_FOR_S,
    ResilientStorage,
    attempts,
    database_is_away,
    no_connection_left,
    reason,
    say_retrying,
    sqlstate,
)
from hpo.database.schema_lock import alone_while_making_tables
from hpo.database.sealed_connections import connect_sealed
from hpo.database.silent_connections import give_up_on_silence
from hpo.database.study_storage import StudyStorage
from hpo.errors import UserError

HEARTBEAT_INTERVAL_S = 15
GRACE_PERIOD_S = 90
"""A worker that was silent so long is dead; longer than a database restart, shorter than a trial."""

_POSTGRESQL: dict[str, Any] = {
    "pool_pre_ping": True,
    # Main thread and heartbeat thread: hundreds of workers share one server's connections.
    "pool_size": 1,
    "max_overflow": 1,
    "connect_args": {
        "application_name": "hpo",
        # A peer that is gone is noticed within a minute; one that is there and silent by silent_connections.
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    },
}


@contextmanager
def open_storage(
    url: str | None, home: Path, for_worker: bool = False, retry_for_s: float = RETRY_FOR_S,
    heartbeat_interval_s: int = HEARTBEAT_INTERVAL_S, grace_period_s: int = GRACE_PERIOD_S,
) -> Iterator[ResilientStorage]:  # fmt: skip
    """Opens the storage for as long as the context lasts.

    Args:
        url: An Optuna RDB URL; None: the embedded PostgreSQL.
        home: The user's data folder.
        for_worker: SQLite serves one worker only, and is refused to a second.
        retry_for_s: How long operations outlast an unreachable database.
        heartbeat_interval_s: How often a running trial says that it is alive.
        grace_period_s: How long it may be silent.

    Raises:
        UserError: The URL is not one of a database we support, or the database cannot be reached.
    """
    if url is None:
        with embedded_postgres(home) as embedded_url:
            yield from _opened(
                make_url(embedded_url),
                retry_for_s,
                heartbeat_interval_s,
                grace_period_s,
                partial(revive_embedded_postgres, home),
            )
        return
    parsed = _parse(url)
    if parsed.get_backend_name() != "sqlite" or not for_worker:
        yield from _opened(parsed, retry_for_s, heartbeat_interval_s, grace_period_s)
        return
    assert parsed.database is not None
    folder = Path(parsed.database).absolute().parent
    if not folder.is_dir():  # FileLock would create it
        raise UserError(f"the storage {_shown(parsed)} cannot be used: there is no folder {folder}")
    try:
        with FileLock(f"{parsed.database}.worker.lock", timeout=0):
            yield from _opened(parsed, retry_for_s, heartbeat_interval_s, grace_period_s)
    except Timeout as error:
        raise UserError(
            f"SQLite serves a single worker, and {parsed.database} has one: leave --storage away for the embedded "
            "PostgreSQL, which serves all workers of this machine, or give a PostgreSQL URL"
        ) from error


def is_postgresql(url: str | None) -> bool:
    """Whether `open_storage` opens a PostgreSQL database.

    Raises:
        UserError: The URL is not one of a database we support.
    """
    return url is None or _parse(url).get_backend_name() == "postgresql"


def with_password(url: str, password: str) -> str:
    """`url` with this password, whatever characters it has.

    Raises:
        UserError: The URL is not one of a database we support.
    """
    return _parse(url).set(password=password).render_as_string(hide_password=False)


def _opened(
    url: URL,
    retry_for_s: float,
    heartbeat_interval_s: int,
    grace_period_s: int,
    revive: Callable[[], None] | None = None,
) -> Iterator[ResilientStorage]:
    give_up_on_silence()
    # What Optuna tells about studies and trials, the commands tell as well, and with less.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        # Of workers that start at once, some may find no connection left until others have opened the storage.
        rdb = attempts(retry_for_s, no_connection_left, say_retrying)(
            _connected, url, retry_for_s, heartbeat_interval_s, grace_period_s, revive is not None
        )
    except (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        hint = "; docs/fleet.md says how to serve more workers" if no_connection_left(error) else ""
        raise UserError(f"the storage {_shown(url)} cannot be used: {reason(error)}{hint}") from None
    except RuntimeError as error:
        raise UserError(
            f"the storage {_shown(url)} is of another Optuna version: {_how_to_upgrade(url, str(error))}"
        ) from None
    storage = ResilientStorage(optuna.storages.get_storage(rdb), retry_for_s, revive)
    try:
        yield storage
    except Exception as error:
        cause = _first_cause(error)
        if database_is_away(cause):
            raise UserError(
                f"the storage {_shown(url)} did not answer for {retry_for_s:.0f} s ({reason(cause)}); running trials "
                "are taken up by the next worker"
            ) from error
        code = sqlstate(cause)
        if code == psycopg2.errorcodes.INSUFFICIENT_PRIVILEGE:
            raise UserError(
                f"the storage {_shown(url)} does not let this role do that: {_said(cause)} (hpo db init makes "
                "roles, docs/database.md says what each may do)"
            ) from error
        if code is not None:
            raise UserError(f"the storage {_shown(url)} refuses: {_said(cause)} (SQLSTATE {code})") from error
        raise
    finally:
        storage.revive_no_more()
        rdb.remove_session()
        rdb.engine.dispose()


def _connected(
    url: URL, retry_for_s: float, heartbeat_interval_s: int, grace_period_s: int, embedded: bool
) -> StudyStorage:
    server = url.get_backend_name() == "postgresql"
    with warnings.catch_warnings(), ExitStack() as stack:
        # Heartbeats are marked experimental since Optuna 2.9.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        how: dict[str, Any] = {"connect_args": _POSTGRESQL["connect_args"]} if server else {}
        if embedded:
            how = {"creator": partial(connect_sealed, url, **_POSTGRESQL["connect_args"])}
        engine = sqlalchemy.create_engine(url, poolclass=NullPool, **how)
        refuse_another_applications(engine)
        if server:
            stack.enter_context(alone_while_making_tables(engine, retry_for_s))
        return StudyStorage(
            url.render_as_string(hide_password=False),
            # A server that its users revive is never away for as long as they live.
            settle_s=2 * heartbeat_interval_s if server and not embedded else 0,
            engine_kwargs={**_POSTGRESQL, **how} if server else {},
            heartbeat_interval=heartbeat_interval_s,
            grace_period=grace_period_s,
        )


def _how_to_upgrade(url: URL, message: str) -> str:
    """Optuna's `message`, with a command that can be pasted."""
    if "storage upgrade" not in message:
        return message
    command = f"optuna storage upgrade --storage {shlex.quote(_shown(url.set(password=None)))}"
    if url.password:
        command = f"PGPASSWORD=... {command}"
    return f"save a copy of the database, stop all workers, and run {command}"


def _first_cause(error: BaseException) -> BaseException:
    """What the database said, where Optuna fails over it: it asserts that a trial whose end was refused has ended."""
    while isinstance(error, AssertionError | UnboundLocalError) and error.__context__ is not None:
        error = error.__context__
    return error


def _said(error: BaseException) -> str:
    """What the database said, without the statement's place and context."""
    cause = error.__cause__ if isinstance(error, optuna.exceptions.StorageInternalError) else error
    return str(getattr(cause, "orig", cause)).partition("\n")[0]


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        # SQLAlchemy's own message would repeat the URL, password included.
        raise UserError("the storage URL cannot be read: write postgresql://user@host:5432/database") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg2")
    if parsed.get_backend_name() != "sqlite" and url.count("@") > 1:
        # What follows the first would be taken for the host, and be printed.
        raise UserError("the storage URL cannot be read: it has several @; in a password write %40")
    password = parsed.query.get("password")
    if password is not None:
        # libpq takes it from the query as well, but SQLAlchemy would print it there.
        last = password if isinstance(password, str) else password[-1]
        parsed = parsed.set(password=last).difference_update_query(["password"])
    if parsed.get_backend_name() == "postgresql" and parsed.drivername != "postgresql+psycopg2":
        raise UserError(f"the storage {_shown(parsed)} names another driver: write postgresql://")
    if parsed.get_backend_name() not in ("postgresql", "sqlite"):
        pooler = " (docs/fleet.md has a pooler for hundreds of workers)" if parsed.get_backend_name() == "grpc" else ""
        raise UserError(f"the storage {_shown(parsed)} is neither PostgreSQL nor SQLite{pooler}")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise UserError(f"the storage {_shown(parsed)} needs a file")
    return parsed


def _shown(url: URL) -> str:
    """The URL without its secrets."""
    return url.difference_update_query(["sslpassword"]).render_as_string()
