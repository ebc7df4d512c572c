"""`hpo db init`: tables and least-privilege roles in a PostgreSQL database."""

from pathlib import Path
from typing import Annotated

import typer

from hpo.commands import options

app = typer.Typer(rich_markup_mode="rich", help="Set up a PostgreSQL database.")


@app.callback(invoke_without_command=True)
def db(context: typer.Context) -> None:
    """Set up a PostgreSQL database."""
    if context.invoked_subcommand is None:
        print(context.get_help())


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
    from hpo.actions.database import create_tables_and_roles

    create_tables_and_roles(storage, worker, dashboard, worker_password_file, dashboard_password_file)
