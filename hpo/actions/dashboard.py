"""Serves optuna-dashboard."""

import logging

from optuna_dashboard import wsgi
from waitress import create_server

from hpo.database.storage import open_storage
from hpo.errors import UserError
from hpo.files.home import hpo_home
from hpo.reports.dashboard_artifacts import ArtifactsOfStudies
from hpo.reports.dashboard_lookup import look_up_by_key
from hpo.reports.dashboard_order import pictures_in_order
from hpo.reports.dashboard_trials import show_what_was_trained
from hpo.terminal.stop_signals import interrupt_on_stop_signals


def serve(url: str | None, host: str, port: int) -> None:
    """Serves the studies of a storage until a signal comes.

    Raises:
        UserError: Nobody can listen there.
    """
    # A browser that asks for more at once than there are threads is no matter for a warning.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    look_up_by_key()
    show_what_was_trained()
    pictures_in_order()
    with interrupt_on_stop_signals(), open_storage(url, hpo_home()) as storage:
        application = wsgi(storage, artifact_store=ArtifactsOfStudies(storage))
        try:
            server = create_server(application, host=host, port=port)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "there is no such host"
            raise UserError(f"cannot listen on {host}:{port}: {why}; choose another --host or --port") from error
        print(f"http://{host}:{port}/ (Ctrl-C ends it)", flush=True)
        server.run()
