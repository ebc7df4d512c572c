"""Databases that are not ours alone: another application's, another schema, an older Optuna's."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from hpo.database.storage import open_storage
from hpo.errors import UserError
from tests.postgresql_server import running_postgresql


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgresql() as url:
        yield url


@pytest.fixture(params=["postgresql", "sqlite"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/other.db"
    return new_database(request.getfixturevalue("server"), "mlflow")


def new_database(server: str, name: str) -> str:
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return sqlalchemy.make_url(server).set(database=name).render_as_string(hide_password=False)


def test_a_database_of_another_application_is_left_alone(empty: str, tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(empty, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:  # as MLflow leaves it
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('451aebb31d03')")
    with (
        pytest.raises(UserError, match=r"another application's.*451aebb31d03") as caught,
        open_storage(empty, tmp_path),
    ):
        pass
    assert "\n" not in str(caught.value)
    assert sqlalchemy.inspect(engine).get_table_names() == ["alembic_version"]


def test_an_older_optunas_tables_are_refused_with_the_command_that_upgrades_them(server: str, tmp_path: Path) -> None:
    url = new_database(server, "older")
    with open_storage(url, tmp_path):
        pass
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'v3.0.0.d'")
    with pytest.raises(UserError, match="of another Optuna version") as caught, open_storage(url, tmp_path):
        pass
    command = str(caught.value).partition(" and run ")[2]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["sh", "-c", command], env={**os.environ, "PATH": path}, check=True, capture_output=True)
    with open_storage(url, tmp_path) as storage:
        assert storage.get_all_studies() == []
