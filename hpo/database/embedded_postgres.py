"""The embedded PostgreSQL in the user's data folder, shared by all processes of the machine."""

import fcntl
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
    from hpo.database.embedded_server import EmbeddedServer, EmbeddedServerError

_SETTINGS = (
    # The server trusts whoever reaches its socket. That lies in the folder, which only its user enters; but where the
    # path is too long for a socket, the wheel puts it into a folder that all may enter.
    "unix_socket_permissions = 0700",
    # A worker has one or two; PostgreSQL takes 100 unless told otherwise.
    "max_connections = 500",
)
_TURN_TIMEOUT_S = 60
"""Starting takes a second or two, more when the server recovers from a crash."""
_REAPED_WITHIN_S = 10
"""In a container, init may take seconds."""


@contextmanager
def embedded_postgres(home: Path) -> Iterator[str]:
    """Runs the server for as long as any process needs it; gives its SQLAlchemy URL.

    The wheel counts its users in a file of process ids, which a killed user never leaves, so that the server would
    run forever. Here each user holds a shared lock that the kernel takes back however the process ends, and whoever
    can turn it into an exclusive one was the last.

    Raises:
        UserError: The server cannot be started.
    """
    if not str(home).isprintable():
        raise UserError(f"the embedded PostgreSQL cannot live below {str(home)!r}: set HPO_HOME")
    folder = home / "postgres"
    turn = FileLock(home / "postgres.lock", timeout=_TURN_TIMEOUT_S)
    with (home / "postgres.users").open("w") as users:  # Python's files are not inherited by child processes
        with turn:
            fcntl.flock(users, fcntl.LOCK_SH)
            server = _started(folder)
        try:
            yield server.url
        finally:
            # A server that died on its own needs no stopping.
            with turn, suppress(psutil.NoSuchProcess):
                if _is_last(users) and _runs(folder):
                    server.stop()


def revive_embedded_postgres(home: Path) -> None:
    """Starts the server again if it died under its users; for a process that is one of them.

    Raises:
        UserError: It cannot be started.
    """
    with FileLock(home / "postgres.lock", timeout=_TURN_TIMEOUT_S):
        _started(home / "postgres")


def _is_last(users: object) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        return False
    return True


def _noted_process_id(folder: Path) -> int | None:
    try:
        return int((folder / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _serves(process: psutil.Process, folder: Path) -> bool:
    return process.name() == "postgres" and Path(process.cwd()).samefile(folder)


def _runs(folder: Path) -> bool:
    """Whether the process that the folder notes is a PostgreSQL server, and this folder's."""
    pid = _noted_process_id(folder)
    try:
        return pid is not None and _serves(psutil.Process(pid), folder)
    except (psutil.Error, OSError):
        return False


def _forget_a_reused_process_id(folder: Path) -> None:
    """Removes the note of a server that died when its process id is another program's by now, as after a power cut.

    The wheel would take that program for the server, and kill it on leaving. The note of a process that no longer
    exists stays: PostgreSQL looks there for memory that a crash left in use.
    """
    pid = _noted_process_id(folder)
    if pid is None:
        return
    # Errors: the process is gone or going.
    with suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            # The wheel and PostgreSQL both believe in a killed server until its parent has reaped it.
            process.wait(_REAPED_WITHIN_S)
        elif not _serves(process, folder):
            (folder / "postmaster.pid").unlink()


def _configure(folder: Path) -> None:
    """Has the server take our settings at its next start."""
    settings = folder / "postgresql.auto.conf"
    missing = [line for line in _SETTINGS if line not in settings.read_text().splitlines()]
    with settings.open("a") as file:
        file.writelines(f"{line}\n" for line in missing)


def _started(folder: Path) -> EmbeddedServer:
    server = EmbeddedServer(folder)
    try:
        folder.mkdir(exist_ok=True)
        _forget_a_reused_process_id(folder)
        server.initialize()
        _configure(folder)
        server.start()
    except (OSError, EmbeddedServerError) as error:
        log = folder / "log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        reason = next((line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), str(error))
        raise UserError(
            f"the embedded PostgreSQL in {folder} does not start: {' '.join(reason.split())} (its log: {log}); "
            "HPO_HOME moves it, --storage uses another database"
        ) from error
    return server
