"""Who may do what, and where secrets are not."""

from collections.abc import Callable
from pathlib import Path

import optuna
import psutil
import psycopg2
import psycopg2.errors
import pytest
from optuna.storages import BaseStorage

from tests.acceptance.conftest import QUICK, Start, runner_of
from tests.acceptance.waiting import wait_for_line
from tests.conftest import Hpo

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
    assert len(optuna.load_study(study_name=study_name, storage=storage).trials) == 1

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


def test_the_url_may_lie_in_a_file_and_no_process_shows_it(
    start: Start, home: Path, storage: BaseStorage, study_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql://postgres:{PASSWORD}@/postgres?host={home / 'postgres'}"
    monkeypatch.setenv("HPO_STORAGE_FILE", secret(tmp_path / "url", url))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    worker = start("worker", "--study", study_name, *QUICK, "--budget", "500s")
    wait_for_line(worker, "trial 0: training")
    runner = runner_of(worker)
    for process in (psutil.Process(worker.pid), runner):
        assert PASSWORD not in " ".join(process.cmdline())
    environment = runner.environ()
    assert not {"HPO_STORAGE", "HPO_STORAGE_FILE", "PGPASSWORD"} & environment.keys()
    assert PASSWORD not in " ".join(environment.values())
    worker.terminate()
    worker.wait(60)


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
