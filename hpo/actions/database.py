"""Sets up a PostgreSQL database."""

from contextlib import closing
from pathlib import Path

import psycopg2.extensions

from hpo.database.artifact_table import make_artifact_table
from hpo.database.database_roles import Role, create_roles, describe
from hpo.database.storage import is_postgresql, open_storage
from hpo.errors import UserError
from hpo.files.home import hpo_home
from hpo.files.secret_files import read_secret


def create_tables_and_roles(
    url: str | None,
    worker: str,
    dashboard: str,
    worker_password_file: Path | None,
    dashboard_password_file: Path | None,
) -> None:
    """Creates Optuna's tables, a role that changes studies and trials, and one that only reads.

    Raises:
        UserError: The database refuses, is none of PostgreSQL's, or a file cannot be read.
    """
    files = {"--worker-password-file": worker_password_file, "--dashboard-password-file": dashboard_password_file}
    passwords = [None if path is None else read_secret(option, path) for option, path in files.items()]
    if worker == dashboard:
        raise UserError(f"--worker and --dashboard are both {worker}: the one changes, the other reads")
    if not is_postgresql(url):
        raise UserError("roles are PostgreSQL's: SQLite has the permissions of its file")
    with open_storage(url, hpo_home()) as storage:  # creates Optuna's tables where there are none
        try:
            make_artifact_table(storage.tables.engine)
            with closing(storage.tables.engine.raw_connection()) as pooled:
                connection = pooled.driver_connection
                assert isinstance(connection, psycopg2.extensions.connection)
                create_roles(connection, Role(worker, passwords[0]), Role(dashboard, passwords[1]))
        except psycopg2.Error as error:
            raise UserError(f"the roles were not made: {describe(error)}") from error
    print(f"{worker} changes studies and trials, {dashboard} reads; nobody else but the owner comes in")
