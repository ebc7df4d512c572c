"""`hpo db init`: tables and least-privilege roles in a PostgreSQL database."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from hpo.commands import options
from hpo.errors import UserError

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help="Set up a PostgreSQL database.")


@app.callback()
def db() -> None:
    """Set up a PostgreSQL database."""


@app.command()
def init(
    storage: options.Storage = None,
    worker: Annotated[str, typer.Option(help="Role of workers, replays and orders.")] = "hpo_worker",
    dashboard: Annotated[str, typer.Option(help="Role that only reads: dashboard, status, best.")] = "hpo_dashboard",
    worker_password_file: Annotated[
        Path | None, typer.Option(help="File with the worker role's password; default: left as it is.")
    ] = None,
    dashboard_password_file: Annotated[
        Path | None, typer.Option(help="File with the dashboard role's password; default: left as it is.")
    ] = None,
) -> None:
    """Create Optuna's tables, a role for workers and one that only reads; may be repeated.

    The storage URL is that of the database's owner, who may create roles.

    Examples:
      HPO_STORAGE_FILE=owner.url hpo db init --worker-password-file worker.txt --dashboard-password-file dashboard.txt
    """
    import psycopg2.extensions

    from hpo.database.database_roles import Role, create_roles, describe
    from hpo.database.storage import is_postgresql, open_storage
    from hpo.home import hpo_home
    from hpo.secret_files import read_secret

    files = {"--worker-password-file": worker_password_file, "--dashboard-password-file": dashboard_password_file}
    passwords = [None if path is None else read_secret(option, path) for option, path in files.items()]
    if worker == dashboard:
        raise UserError(f"--worker and --dashboard are both {worker}: the one changes, the other reads")
    home = hpo_home()
    if not is_postgresql(storage):
        raise UserError("roles are PostgreSQL's: SQLite has the permissions of its file")
    with open_storage(storage, home) as opened_storage:  # creates Optuna's tables where there are none
        try:
            with closing(opened_storage.tables.engine.raw_connection()) as pooled:
                connection = pooled.driver_connection
                assert isinstance(connection, psycopg2.extensions.connection)
                create_roles(connection, Role(worker, passwords[0]), Role(dashboard, passwords[1]))
        except psycopg2.Error as error:
            raise UserError(f"the roles were not made: {describe(error)}") from error
    print(f"{worker} changes studies and trials, {dashboard} reads; nobody else but the owner comes in")
