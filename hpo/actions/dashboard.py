"""Serves optuna-dashboard."""

import logging

from optuna_dashboard import wsgi
from waitress import create_server

from hpo.database.storage import open_storage
from hpo.errors import UserError
from hpo.files.home import hpo_home
from hpo.reports.dashboard_artifacts import ArtifactsOfStudies
from hpo.reports.dashboard_best import no_best_run_of_a_replay
from hpo.reports.dashboard_importance import no_importance_without_parameters
from hpo.reports.dashboard_lookup import look_up_by_key
from hpo.reports.dashboard_order import pictures_in_order
from hpo.reports.dashboard_true_values import draw_true_values
from hpo.terminal.stop_signals import interrupt_on_stop_signals


def serve(url: str | None, host: str, port: int) -> None:
    """Serves the studies of a storage until a signal comes.

    Raises:
        UserError: Nobody can listen there.
    """
    # A browser that asks for more at once than there are threads is no matter for a warning.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    look_up_by_key()
    no_importance_without_parameters()
    no_best_run_of_a_replay()
    pictures_in_order()
    with interrupt_on_stop_signals(), open_storage(url, hpo_home()) as storage:
        artifacts = ArtifactsOfStudies(storage)
        draw_true_values(storage)
        application = wsgi(storage, artifact_store=artifacts)
        try:
            server = create_server(application, host=host, port=port)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "there is no such host"
            raise UserError(f"cannot listen on {host}:{port}: {why}; choose another --host or --port") from error
        print(f"http://{host}:{port}/ (Ctrl-C ends it)", flush=True)
        server.run()
