"""`hpo dashboard`: optuna-dashboard on the same storage."""

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
    from optuna_dashboard import run_server

    from hpo.dashboard_lookup import look_up_by_key
    from hpo.home import hpo_home
    from hpo.stop_signals import interrupt_on_sigterm
    from hpo.storage import open_storage

    look_up_by_key()
    with interrupt_on_sigterm(), open_storage(storage, hpo_home()) as opened_storage:
        print(f"http://{host}:{port}/ (Ctrl-C ends it)", flush=True)
        try:
            run_server(opened_storage, host=host, port=port)
        except OSError as error:
            raise UserError(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from error
        except KeyboardInterrupt:
            return
