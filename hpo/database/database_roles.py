"""Roles of a database: one for workers, and one that only reads."""

from dataclasses import dataclass
from importlib import resources

import psycopg2
from psycopg2 import extensions, sql


@dataclass(frozen=True, slots=True)
class Role:
    """A role that can log in."""

    name: str
    password: str | None
    """None: its password stays as it is; a new role then has none, and logs in by other means."""


def create_roles(connection: extensions.connection, worker: Role, dashboard: Role) -> None:
    """Creates the roles, or changes them, and grants what each needs; all of it or, on an error, nothing.

    Args:
        connection: Of the database's owner, who may create roles.
        worker: May create and change studies and trials.
        dashboard: May read.
    """
    with connection, connection.cursor() as cursor:
        for role in (worker, dashboard):
            _create(connection, role)
        # Where the owner's tables are: the first of the search path, which the URL may set.
        cursor.execute("SELECT current_schema()")
        row = cursor.fetchone()
        assert row is not None
        (schema,) = row
        names = {
            "schema": sql.Identifier(schema),
            "database": sql.Identifier(connection.info.dbname),
            "worker": sql.Identifier(worker.name),
            "dashboard": sql.Identifier(dashboard.name),
        }
        script = (resources.files("hpo.database") / "roles.sql").read_text()
        statements = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
        cursor.execute(sql.SQL(statements).format(**names))


def _create(connection: extensions.connection, role: Role) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role.name,))
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        statement = sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE").format(
            sql.Identifier(role.name)
        )
        if role.password is not None:
            # Hashed here: the server and its log never see the password.
            hashed = extensions.encrypt_password(role.password, role.name, connection, "scram-sha-256")
            statement += sql.SQL(" PASSWORD {}").format(sql.Literal(hashed))
        cursor.execute(statement)


def describe(error: psycopg2.Error) -> str:
    """What the database said, in one line."""
    return " ".join(str(error).split())
