"""Who may do what, and where secrets are not."""

import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import optuna
import psutil
import psycopg2
import psycopg2.errors
import pytest
from optuna.artifacts import get_all_artifact_meta
from optuna.storages import BaseStorage
from psycopg2 import sql
from sqlalchemy.engine import make_url

from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import with_password
from hpo.hardware import cpu_name
from hpo.studies.artifacts import add_trial_artifact
from hpo.studies.study import create_study, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from tests.acceptance.conftest import QUICK, Start, runner_of
from tests.acceptance.test_dashboard import answers
from tests.acceptance.waiting import wait_for_line, wait_until
from tests.conftest import Hpo
from tests.postgresql_server import free_port

PASSWORD = "hunter2-in-a-file"  # noqa: S105  (it must not be seen again)


def secret(path: Path, content: str) -> str:
    path.write_text(f"{content}\n")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def roles(home: Path, hpo: Hpo, tmp_path: Path) -> Callable[[str], str]:
    """The URL of a role, in the session's own database."""
    files = [secret(tmp_path / name, f"{PASSWORD}-{name}") for name in ("worker", "dashboard")]
    for _ in range(2):  # it may be repeated
        done = hpo("db", "init", "--worker-password-file", files[0], "--dashboard-password-file", files[1])
        assert done.returncode == 0, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
    # The embedded server trusts its own user's processes, whatever role they name.
    return lambda role: f"postgresql://{role}@/postgres?host={home / 'postgres'}"


def test_each_role_may_do_what_it_is_for_and_no_more(
    roles: Callable[[str], str], hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    worker, dashboard = {"HPO_STORAGE": roles("hpo_worker")}, {"HPO_STORAGE": roles("hpo_dashboard")}
    done = hpo("worker", "--study", study_name, *QUICK, "--budget", "1s", "--n-trials", "1", env=worker)
    assert done.returncode == 0, done.stderr
    assert hpo("stop", "--study", study_name, env=worker).returncode == 0
    (trial,) = optuna.load_study(study_name=study_name, storage=storage).trials
    assert [kept.filename for kept in get_all_artifact_meta(trial, storage=storage)] == [
        f"{study_name}-trial-0-policy.npz"
    ]
    assert hpo("play", "--study", study_name, "--episodes", "1", env=dashboard).returncode == 0

    refused = hpo("delete", "--study", study_name, "--yes", env=worker)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "does not let this role do that: permission denied for table studies" in refused.stderr
    assert hpo("play", "--study", study_name, "--episodes", "1", env=dashboard).returncode == 0  # its policy is there

    seen = hpo("status", "--study", study_name, env=dashboard)
    assert seen.returncode == 0, seen.stderr
    refused = hpo("stop", "--study", study_name, env=dashboard)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "does not let this role do that: permission denied" in refused.stderr

    denied = {
        "hpo_worker": ["DELETE FROM trials", "DROP TABLE trials", "CREATE TABLE x (y int)", "CREATE ROLE x"],
        "hpo_dashboard": ["DELETE FROM trials", "UPDATE trials SET state = 'FAIL'", "CREATE TABLE x (y int)"],
    }
    for role, statements in denied.items():
        for statement in statements:
            with psycopg2.connect(roles(role)) as connection, connection.cursor() as cursor:
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(statement)


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_half_a_copy_does_not_stay_or_is_told_of(
    roles: Callable[[str], str], hpo: Hpo, storage: ResilientStorage, study_name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    config = load_study_config(builtin_studies()["quickstart"], {"artifacts": str(folder)})
    opened = create_study(storage, study_name, this_definition(config, cpu_name()))
    trial = opened.study.ask()
    add_trial_artifact(opened, trial, "policy.npz", b"PK")
    opened.study.tell(trial, -150.0)
    folder.rename(tmp_path / "away")

    for role, copy, stays in (("postgres", f"{study_name}-a", False), ("hpo_worker", f"{study_name}-b", True)):
        failed = hpo("copy", study_name, copy, env={"HPO_STORAGE": roles(role)})
        assert failed.returncode == 1
        assert failed.stderr.splitlines()[-1].startswith(f"hpo: there is no folder {folder}")
        assert (f"study {copy} is not whole, and could not be deleted" in failed.stderr) is stays
        assert (copy in [study.study_name for study in storage.get_all_studies()]) is stays


def test_passwords_are_stored_as_scram_hashes_of_what_is_in_the_files(roles: Callable[[str], str], home: Path) -> None:
    with psycopg2.connect(roles("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword, rolsuper FROM pg_authid WHERE rolname IN ('hpo_worker', 'hpo_dashboard')")
        found = cursor.fetchall()
    assert len(found) == 2
    assert all(password.startswith("SCRAM-SHA-256$") and not superuser for password, superuser in found)
    log = "".join(path.read_text(errors="replace") for path in (home / "postgres").glob("**/*log*") if path.is_file())
    assert PASSWORD not in log


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (None, 0, "No such file"),
        ("", 0o600, "is empty"),
        ("postgresql://u@h/x", 0o644, "every user of this machine can read"),
    ],
)
def test_a_secret_file_that_cannot_serve_is_named(
    hpo: Hpo, tmp_path: Path, content: str | None, mode: int, message: str
) -> None:
    file = tmp_path / "url"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)
    done = hpo("status", env={"HPO_STORAGE_FILE": str(file)})
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "HPO_STORAGE_FILE: " in done.stderr
    assert message in done.stderr


def test_no_process_shows_the_password_and_nothing_keeps_it(
    start: Start, hpo: Hpo, home: Path, storage: BaseStorage, study_name: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    url = f"postgresql://postgres:{PASSWORD}@/postgres?host={home / 'postgres'}"
    monkeypatch.setenv("HPO_STORAGE_FILE", secret(tmp_path / "url", url))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    port = free_port()
    dashboard = start("dashboard", "--port", str(port), installed=True)
    worker = start("worker", "--study", study_name, *QUICK, "--budget", "3s", "--n-trials", "1", installed=True)
    wait_for_line(worker, "trial 0: training")
    runner = runner_of(worker)
    environment = runner.environ()
    ours = [psutil.Process(process.pid) for process in (worker, dashboard)]
    for process in [*ours, *(child for parent in ours for child in parent.children(recursive=True))]:
        assert PASSWORD not in " ".join(process.cmdline())
    # The runner runs the task's code.
    assert not [name for name in environment if name.startswith(("HPO_STORAGE", "PG"))]
    assert PASSWORD not in " ".join(environment.values())
    assert worker.ended() == 0, worker.output

    shown = [hpo(*command, "--study", study_name).stdout for command in (("report",), ("export",), ("logs", "0"))]
    wait_until(lambda: answers(port))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/studies", timeout=30) as response:
        shown.append(response.read().decode())
    dashboard.terminate()
    assert dashboard.ended() == 0
    shown += [process.output for process in (worker, dashboard)]
    assert all(shown)
    stored = everything_stored(url)
    assert study_name in stored
    assert "learning_rate" in stored
    assert PASSWORD not in stored + "".join(shown)
    # Compiled programs lie behind a link: tests share them.
    files = [path for folder in (home, home / "cache") for path in folder.rglob("*") if path.is_file()]
    assert {"logs", "cache", "reports", "postgres"} <= {path.relative_to(home).parts[0] for path in files}
    assert [path for path in files if PASSWORD.encode() in contents(path)] == []


def everything_stored(url: str) -> str:
    """Every row of every table."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = []
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("SELECT row::text FROM {} AS row").format(sql.Identifier(table)))
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # the server removes some of its own
        return b""


def test_what_is_refused_is_said_without_the_password(hpo: Hpo, home: Path, tmp_path: Path) -> None:
    at = f"@/postgres?host={home / 'postgres'}"
    files = [secret(tmp_path / name, f"{PASSWORD}-{name}") for name in ("worker", "dashboard")]
    init = ("db", "init", "--worker-password-file", files[0], "--dashboard-password-file", files[1])
    for command, url, message in (
        (("status",), f"postgresql://no_such_role:{PASSWORD}{at}", 'role "no_such_role" does not exist'),
        (("status",), f"postgresql://postgres:{PASSWORD}{at.replace('/postgres?', '/no_such_database?')}", "does not"),
        (init, f"postgresql://no_such_role:{PASSWORD}{at}", 'role "no_such_role" does not exist'),
        ((*init, "--worker", "pg_reserved"), f"postgresql://postgres:{PASSWORD}{at}", "the roles were not made"),
    ):
        done = hpo(*command, env={"HPO_STORAGE": url})
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert message in done.stderr
        assert PASSWORD not in done.stdout + done.stderr


def test_the_password_of_a_url_may_lie_in_a_file_of_its_own(
    roles: Callable[[str], str], hpo: Hpo, home: Path, study_name: str, tmp_path: Path
) -> None:
    # The embedded server asks nobody for a password; what arrives there is what the URL would have carried.
    password = "p@ss:w/rd#%"  # noqa: S105
    file = secret(tmp_path / "password", password)
    shown = hpo(
        "status", env={"HPO_STORAGE": "postgresql://hpo_worker@127.0.0.1:1/none", "HPO_STORAGE_PASSWORD_FILE": file}
    )
    assert shown.returncode == 1
    assert "postgresql+psycopg2://hpo_worker:***@127.0.0.1:1/none" in shown.stderr
    assert password not in shown.stderr
    assert make_url(with_password("postgresql://u@h/x", password)).password == password
    (tmp_path / "password").chmod(0o644)
    open_to_all = hpo("status", env={"HPO_STORAGE": roles("hpo_worker"), "HPO_STORAGE_PASSWORD_FILE": file})
    assert (open_to_all.returncode, len(open_to_all.stderr.splitlines())) == (1, 1)
    assert "HPO_STORAGE_PASSWORD_FILE: every user of this machine can read" in open_to_all.stderr


def test_a_study_whose_name_leads_elsewhere_is_neither_listed_nor_written(
    hpo: Hpo, storage: BaseStorage, home: Path
) -> None:
    optuna.create_study(study_name="../../elsewhere", storage=storage).set_user_attr("definition", {"any": 1})
    assert "elsewhere" not in hpo("status").stdout
    done = hpo("report", "--study", "../../elsewhere")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "a study cannot be called '../../elsewhere'" in done.stderr
    optuna.delete_study(study_name="../../elsewhere", storage=storage)


def test_roles_are_for_postgresql(hpo: Hpo, tmp_path: Path) -> None:
    done = hpo("db", "init", env={"HPO_STORAGE": f"sqlite:///{tmp_path / 'x.db'}"})
    assert (done.returncode, done.stderr) == (
        1,
        "hpo: roles are PostgreSQL's: SQLite has the permissions of its file\n",
    )
    assert list(tmp_path.iterdir()) == []
