"""Studies in a schema of their own, beside what others have in the database."""

from collections.abc import Iterator

import pytest
import sqlalchemy

from tests.conftest import Hpo
from tests.postgresql_server import running_postgresql


@pytest.fixture
def server() -> Iterator[str]:
    with running_postgresql() as url:
        yield url


def test_roles_may_use_the_schema_that_the_owners_url_names(hpo: Hpo, server: str) -> None:
    engine = sqlalchemy.create_engine(server, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA team")
    done = hpo("db", "init", env={"HPO_STORAGE": f"{server}?options=-csearch_path%3Dteam"})
    assert done.returncode == 0, done.stderr
    assert sqlalchemy.inspect(engine).get_table_names() == []
    for role, privilege, may in (
        ("worker", "insert", True),
        ("dashboard", "select", True),
        ("dashboard", "insert", False),
    ):
        with engine.connect() as connection:
            asked = f"SELECT has_table_privilege('hpo_{role}', 'team.trials', '{privilege}')"
            assert connection.exec_driver_sql(asked).scalar_one() is may
        # The role's own URL names no schema.
        url = sqlalchemy.make_url(server).set(username=f"hpo_{role}")
        done = hpo("status", env={"HPO_STORAGE": url.render_as_string()})
        assert done.returncode == 0, done.stderr
