"""What PostgreSQL refuses: the errors that pass are waited for with the result in hand, the others are one line."""

from pathlib import Path

import optuna
import pytest
import sqlalchemy
from psycopg2 import errorcodes

from hpo.database.storage import open_storage
from hpo.errors import UserError
from hpo.studies.study import find_study
from tests.integration.conftest import running_trial

pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")

RAISES = """
CREATE SEQUENCE failures;
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('failures') <= {times} THEN
        RAISE EXCEPTION 'what the server says' USING ERRCODE = '{code}';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fail BEFORE INSERT ON trial_values FOR EACH ROW EXECUTE FUNCTION fail();
"""
"""A sequence counts on when its transaction is rolled back."""


def fail_writing_results(url: str, code: str, times: int) -> None:
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(RAISES.format(code=code, times=times))


@pytest.mark.parametrize(
    "code",
    [
        errorcodes.CONNECTION_FAILURE,
        errorcodes.READ_ONLY_SQL_TRANSACTION,
        errorcodes.SERIALIZATION_FAILURE,
        errorcodes.DISK_FULL,
        errorcodes.LOCK_NOT_AVAILABLE,
        errorcodes.QUERY_CANCELED,
        errorcodes.IO_ERROR,
    ],
)
def test_a_result_outlives_an_error_that_passes(tmp_path: Path, url: str, code: str) -> None:
    with open_storage(url, tmp_path) as storage:
        trial = running_trial(storage)
        fail_writing_results(url, code, times=2)
        trial.study.tell(trial, 3.0)
        assert trial.study.best_value == 3.0


@pytest.mark.parametrize(
    "code",
    [
        errorcodes.STRING_DATA_RIGHT_TRUNCATION,
        errorcodes.DATA_CORRUPTED,
        errorcodes.DATABASE_DROPPED,
        errorcodes.RAISE_EXCEPTION,
        errorcodes.INTERNAL_ERROR,
    ],
)
def test_an_error_that_stays_is_one_line(tmp_path: Path, url: str, code: str) -> None:
    with pytest.raises(UserError, match=rf"refuses: what the server says \(SQLSTATE {code}\)") as caught:
        with open_storage(url, tmp_path) as storage:
            study = optuna.create_study(storage=storage)
            fail_writing_results(url, code, times=1000)
            study.optimize(lambda _: 1.0, n_trials=1)
    assert "\n" not in str(caught.value)


def test_an_error_that_would_pass_and_does_not_is_one_line_with_its_reason(tmp_path: Path, url: str) -> None:
    with pytest.raises(UserError, match=r"did not answer for 1 s \(what the server says"):
        with open_storage(url, tmp_path, retry_for_s=1) as storage:
            study = optuna.create_study(storage=storage)
            fail_writing_results(url, errorcodes.DISK_FULL, times=1000)
            study.optimize(lambda _: 1.0, n_trials=1)


def test_connections_that_were_made_while_the_database_was_read_only_are_not_kept(tmp_path: Path, url: str) -> None:
    administrator = sqlalchemy.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=sqlalchemy.NullPool,
        connect_args={"options": "-c default_transaction_read_only=off"},
    )
    with open_storage(url, tmp_path) as storage, administrator.connect() as connection:
        trial = running_trial(storage)
        name = sqlalchemy.make_url(url).database
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'hpo' "
            "AND datname = current_database()"
        )
        assert len(trial.study.trials) == 1  # over a new connection, which is read-only for good
        connection.exec_driver_sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        trial.study.tell(trial, 3.0)
        assert trial.study.best_value == 3.0


@pytest.mark.parametrize(("letters", "fits"), [(500, True), (501, False), (600, False)])
def test_a_name_that_does_not_fit_into_the_table_is_refused_before_it_is_written(
    tmp_path: Path, url: str, letters: int, fits: bool
) -> None:
    with open_storage(url, tmp_path) as storage:
        if fits:
            assert find_study(storage, "é" * letters) is None
            optuna.create_study(storage=storage, study_name="é" * letters + "-replay")
            return
        with pytest.raises(UserError, match="500 letters at most"):
            find_study(storage, "é" * letters)
