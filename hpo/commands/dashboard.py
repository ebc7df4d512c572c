"""`hpo dashboard`: optuna-dashboard on the same storage."""

import logging
from typing import Annotated

import typer

from hpo.commands import options
from hpo.errors import UserError


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
    from optuna_dashboard import wsgi
    from waitress import create_server

    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.reports.dashboard_lookup import look_up_by_key
    from hpo.stop_signals import interrupt_on_stop_signals

    # A browser that asks for more at once than there are threads is no matter for a warning.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    look_up_by_key()
    with interrupt_on_stop_signals(), open_storage(storage, hpo_home()) as opened_storage:
        application = wsgi(opened_storage)
        try:
            server = create_server(application, host=host, port=port)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "there is no such host"
            raise UserError(f"cannot listen on {host}:{port}: {why}; choose another --host or --port") from error
        print(f"http://{host}:{port}/ (Ctrl-C ends it)", flush=True)
        server.run()
