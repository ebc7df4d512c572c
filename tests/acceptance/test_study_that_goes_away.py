"""A study that is deleted or renamed while a worker trains: one line, and no result of a renamed one is lost."""

import optuna
import sqlalchemy
from optuna.trial import TrialState

from hpo.database.resilient_storage import ResilientStorage
from tests.acceptance.conftest import QUICK, Start
from tests.acceptance.waiting import Typed, wait_for_line


def said_so(worker: Typed, study_name: str) -> bool:
    line = f"hpo: study {study_name} was deleted or renamed: nothing more is done for it"
    return worker.output.splitlines()[-1] == line and "Traceback" not in worker.output


def test_a_worker_whose_study_was_deleted_says_so(start: Start, storage: ResilientStorage, study_name: str) -> None:
    worker = start("worker", *QUICK, "--budget", "120s", "--study", study_name, "--n-trials", "2")
    wait_for_line(worker, "trial 0: training")
    optuna.delete_study(study_name=study_name, storage=storage)
    assert worker.ended() == 1
    assert said_so(worker, study_name), worker.output


def test_the_result_of_a_trial_whose_study_was_renamed_is_kept(
    start: Start, storage: ResilientStorage, study_name: str
) -> None:
    worker = start("worker", *QUICK, "--budget", "3s", "--study", study_name, "--n-trials", "2")
    wait_for_line(worker, "trial 0: training")
    renamed = f"{study_name}-renamed"
    with storage.tables.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("UPDATE studies SET study_name = :renamed WHERE study_name = :name"),
            {"renamed": renamed, "name": study_name},
        )
    assert worker.ended() == 1
    assert said_so(worker, study_name), worker.output
    (kept,) = optuna.load_study(study_name=renamed, storage=storage).trials
    assert kept.state is TrialState.COMPLETE
