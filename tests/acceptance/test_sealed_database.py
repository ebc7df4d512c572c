"""The embedded PostgreSQL is a sealed room: what the caller has in the environment does not reach it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.storage import open_storage
from tests.acceptance.waiting import PATIENCE_S
from tests.conftest import Hpo
from tests.postgresql_server import running_postgresql


@pytest.fixture
def astray(tmp_path: Path) -> dict[str, str]:
    """What people have for other servers, and for themselves."""
    return {
        "HPO_HOME": str(tmp_path),
        "PGHOST": "other.lab",
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": "1",
        "PGDATABASE": "other",
        "PGUSER": "other",
        "PGSERVICE": "other",
        "PGOPTIONS": "-c search_path=other",
        "PGSSLMODE": "require",
        "PGREQUIREAUTH": "scram-sha-256",
        "PGTZ": "Nowhere/Nothing",
        "LC_ALL": "xx_XX.UTF-8",
        "LANG": "xx_XX.UTF-8",
    }


def test_the_embedded_database_is_the_one_that_is_used(hpo: Hpo, tmp_path: Path, astray: dict[str, str]) -> None:
    with running_postgresql() as other:
        parsed = sqlalchemy.make_url(other)
        variables = {**astray, "PGPORT": str(parsed.port), "PGUSER": "owner", "PGDATABASE": "postgres"}
        del variables["PGSERVICE"]  # would itself be an error
        for environment in (variables, astray):
            done = hpo("status", env=environment)
            assert done.returncode == 0, done.stderr
        engine = sqlalchemy.create_engine(other, poolclass=sqlalchemy.NullPool)
        assert sqlalchemy.inspect(engine).get_table_names() == []
    with embedded_postgres(tmp_path) as url:
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        assert "trials" in sqlalchemy.inspect(engine).get_table_names()


def test_roles_are_made_in_the_embedded_database(hpo: Hpo, astray: dict[str, str]) -> None:
    done = hpo("db", "init", env=astray)
    assert done.returncode == 0, done.stderr


def test_the_variables_stay_for_everybody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVICE", "other")
    with open_storage(None, tmp_path) as storage:
        assert storage.get_all_studies() == []
        assert os.environ["PGSERVICE"] == "other"
        # What C's getenv finds is what a child gets.
        shown = subprocess.run(["sh", "-c", "echo $PGSERVICE"], capture_output=True, text=True, check=True)
        assert shown.stdout == "other\n"


@pytest.mark.parametrize("name", ['it\'s "quoted"', "a,b;c", "$HOME `id` \\ %s", "größe"])
def test_the_data_folder_may_have_any_name(hpo: Hpo, tmp_path: Path, name: str) -> None:
    done = hpo("status", env={"HPO_HOME": str(tmp_path / name)})
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name / "postgres" / "PG_VERSION").exists()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.fixture
def nobodys_id(tmp_path: Path) -> list[str]:
    """A command's beginning that makes it run with a user id at random, as OpenShift does; takes root."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/tmp") and folder.is_relative_to("/tmp"):  # noqa: S108
            folder.chmod(0o755)
    # It may read everything, since the interpreter may lie below root's home folder.
    reads = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    return ["setpriv", "--reuid", "12345", "--clear-groups", *reads, "env", "-u", "HOME", "-u", "HPO_HOME"]


def as_nobody(command: list[str]) -> subprocess.CompletedProcess[str]:
    hpo = str(Path(sys.executable).with_name("hpo"))
    return subprocess.run(
        [*command, hpo, "status"], capture_output=True, text=True, timeout=PATIENCE_S, check=False, cwd="/"
    )


def test_without_a_home_folder_one_line_says_what_to_set(nobodys_id: list[str]) -> None:
    done = as_nobody(nobodys_id)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "set HPO_HOME" in done.stderr


def test_a_user_id_without_a_name_is_said_in_one_line_and_can_use_another_database(
    nobodys_id: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "anybody"
    folder.mkdir()
    folder.chmod(0o777)
    done = as_nobody([*nobodys_id, f"HPO_HOME={folder}"])
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "user id 12345 has no name on this machine" in done.stderr
    assert "--storage" in done.stderr
    done = as_nobody([*nobodys_id, f"HPO_HOME={folder}", f"HPO_STORAGE=sqlite:///{folder}/study.db"])
    assert done.returncode == 0, done.stderr


def test_what_initdb_says_is_in_the_error(hpo: Hpo, tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "notes.txt").write_text("mine")
    done = hpo("status", env={"HPO_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "exists but is not empty" in done.stderr
