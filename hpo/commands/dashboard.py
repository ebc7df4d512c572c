"""`hpo dashboard`: optuna-dashboard on the same storage."""

from typing import Annotated

import typer

from hpo.commands import options


def dashboard(
    storage: options.Storage = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; anyone who reaches it can change studies.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
) -> None:
    """Serve optuna-dashboard until Ctrl-C.

    Examples:
      hpo dashboard

      hpo dashboard --storage postgresql://hpo@db.lab/hpo --port 9000
    """
    from hpo.actions.dashboard import serve

    serve(storage, host, port)
