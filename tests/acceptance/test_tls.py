"""Encrypted connections to a PostgreSQL server with a certificate of a CA of one's own."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from tests.acceptance.conftest import QUICK, Start
from tests.acceptance.waiting import wait_for_line
from tests.conftest import Hpo
from tests.postgresql_server import PostgresqlServer, initialized_postgresql

PASSWORD = "hunter2-through-tls"  # noqa: S105  (it must not be seen again)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that lets nobody in but by TLS and password."""

    postgresql: PostgresqlServer

    @property
    def certificates(self) -> Path:
        return self.postgresql.folder

    def url(self, query: str, password: str = PASSWORD) -> str:
        return f"postgresql://owner:{password}@localhost:{self.postgresql.port}/postgres?{query}"

    def verified(self, ca: str = "ca") -> str:
        return f"sslmode=verify-full&sslrootcert={self.certificates / ca}.crt"

    def show(self, certificate: str) -> None:
        """Has it show one of the certificates, from its next start on."""
        files = {"ssl_cert_file": f"{certificate}.crt", "ssl_key_file": f"{certificate}.key", "ssl_ca_file": "ca.crt"}
        self.postgresql.configure(
            "ssl = on", *(f"{name} = '{self.certificates / file}'" for name, file in files.items())
        )

    def restart_with(self, certificate: str) -> None:
        self.show(certificate)
        self.postgresql.control("restart")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with initialized_postgresql(PASSWORD) as postgresql:
        make_certificates(postgresql.folder)
        if postgresql.user is not None:
            # A key must be its reader's own: the client's stays ours.
            for path in (*postgresql.folder.glob("server.*"), *postgresql.folder.glob("elsewhere.*")):
                shutil.chown(path, postgresql.user)
        (postgresql.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        server = Server(postgresql)
        server.show("server")
        postgresql.control("start")
        yield server


def make_certificates(folder: Path) -> None:
    """Two CAs; of the first a certificate for `localhost` with a key, one for another host, and one for a client."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    for ca in ("ca", "other-ca"):
        openssl("req", "-x509", *curve, "-subj", f"/CN={ca}", "-keyout", f"{ca}.key", "-out", f"{ca}.crt")
    signed = ("-CA", "ca.crt", "-CAkey", "ca.key")
    for name, host in (("server", "localhost"), ("elsewhere", "db.elsewhere"), ("client", "owner")):
        openssl(
            "req", "-x509", *curve, *signed, "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
            "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", f"{name}.key", "-out", f"{name}.crt",
        )  # fmt: skip
    for key in folder.glob("*.key"):
        key.chmod(0o600)


@contextmanager
def asked(server: Server) -> Iterator["psycopg2.extensions.cursor"]:
    with closing(psycopg2.connect(server.url(server.verified()))) as connection, connection.cursor() as cursor:
        yield cursor


def test_every_connection_of_a_worker_is_encrypted(
    server: Server, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPO_STORAGE", server.url(server.verified()))
    worker = start("worker", "--study", "encrypted", *QUICK, "--budget", "2s", "--n-trials", "1")
    wait_for_line(worker, "trial 0: training")
    with asked(server) as cursor:
        cursor.execute(
            "SELECT ssl, version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'hpo'"
        )
        connections = cursor.fetchall()
    assert connections
    assert all(encrypted and version >= "TLSv1.2" for encrypted, version in connections), connections
    assert worker.ended() == 0, worker.output
    assert PASSWORD not in worker.output


def refused(hpo: Hpo, url: str) -> str:
    """The one line that says why."""
    done = hpo("status", env={"HPO_STORAGE": url})
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done.stderr
    assert PASSWORD not in done.stderr
    return done.stderr


def test_a_server_of_another_ca_is_refused(server: Server, hpo: Hpo) -> None:
    assert "certificate verify failed" in refused(hpo, server.url(server.verified("other-ca")))


def test_a_server_with_a_certificate_of_another_name_is_refused(server: Server, hpo: Hpo) -> None:
    server.restart_with("elsewhere")
    try:
        line = refused(hpo, server.url(server.verified()))
    finally:
        server.restart_with("server")
    assert 'server certificate for "db.elsewhere" does not match host name "localhost"' in line


def test_without_encryption_the_server_lets_nobody_in(server: Server, hpo: Hpo) -> None:
    assert "no encryption" in refused(hpo, server.url("sslmode=disable"))


def test_a_wrong_password_is_one_line_without_it(server: Server, hpo: Hpo) -> None:
    line = refused(hpo, server.url(server.verified(), password=f"{PASSWORD}-not"))
    assert 'password authentication failed for user "owner"' in line


def test_roles_are_made_through_tls(server: Server, hpo: Hpo, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    command = ("db", "init", "--worker-password-file", str(secret), "--dashboard-password-file", str(secret))
    done = hpo(*command, env={"HPO_STORAGE": server.url(server.verified())})
    assert done.returncode == 0, done.stderr
    with closing(psycopg2.connect(server.url(server.verified()).replace("owner:", "hpo_worker:"))):
        pass  # the password in the file is the role's


def test_a_client_certificate_is_shown_to_a_server_that_asks_for_one(server: Server, hpo: Hpo) -> None:
    hba = server.postgresql.data / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text("hostssl all all 127.0.0.1/32 cert\n")
    server.restart_with("server")
    try:
        assert "client certificate" in refused(hpo, server.url(server.verified()))
        own = f"sslcert={server.certificates / 'client.crt'}&sslkey={server.certificates / 'client.key'}"
        url = server.url(f"{server.verified()}&{own}").replace(f":{PASSWORD}", "")
        done = hpo("status", env={"HPO_STORAGE": url})
        assert done.returncode == 0, done.stderr
    finally:
        hba.write_text(before)
        server.restart_with("server")
