"""A full disk and a clock that jumps: the study stays whole, and the work goes on."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import libfaketime
import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.storage import open_storage
from tests.acceptance.conftest import QUICK, Start
from tests.acceptance.waiting import wait_for_line, wait_until


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """An empty file system of 200 MB; mounting one needs root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m,mode=0777", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Leaves no byte free; gives the file to delete."""
    ballast = folder / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return ballast


def test_a_full_disk_below_the_embedded_database_is_waited_for(
    start: Start, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPO_HOME", str(small_disk))
    worker = start("worker", *QUICK, "--budget", "1s", "--study", "s", "--n-trials", "1000")
    wait_for_line(worker, "trial 0: training")
    ballast = fill(small_disk)
    wait_for_line(worker, "No space left on device")
    ballast.unlink()
    wait_for_line(worker, "the database answers again")
    with open_storage(None, small_disk) as storage:
        study = optuna.load_study(study_name="s", storage=storage)
        seen = len(study.trials)
        wait_until(lambda: len(study.trials) > seen + 1)
        assert all(trial.state in (TrialState.COMPLETE, TrialState.RUNNING) for trial in study.trials)
    worker.terminate()
    worker.ended()


def test_a_full_disk_for_caches_and_logs_costs_no_trial(
    start: Start, storage: BaseStorage, study_name: str, home: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded_postgres(home) as url:
        monkeypatch.setenv("HPO_HOME", str(small_disk))
        fill(small_disk)
        worker = start("worker", *QUICK, "--budget", "1s", "--study", study_name, "--n-trials", "2", "--storage", url)
        assert worker.ended() == 0, worker.output
    trials = optuna.load_study(study_name=study_name, storage=storage).trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 2


def test_a_clock_that_jumps_an_hour_changes_neither_budget_nor_trial(
    start: Start, storage: BaseStorage, study_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, preloaded = libfaketime.get_reload_information()
    offset = tmp_path / "offset"
    offset.write_text("+0")
    for name, value in {**preloaded, "FAKETIME_TIMESTAMP_FILE": str(offset)}.items():
        monkeypatch.setenv(name, value)
    given = (*QUICK, "--budget", "8s", "--n-trials", "2")
    worker = start("worker", "--study", study_name, *given, installed=True)
    wait_for_line(worker, "trial 0: training")
    offset.write_text("+3600")
    wait_for_line(worker, "trial 1: training")
    offset.write_text("-3600")
    assert worker.ended() == 0, worker.output
    trials = optuna.load_study(study_name=study_name, storage=storage).trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 2
    for trial in trials:
        assert 8 <= trial.user_attrs["training_s"] < 3000  # an hour would be the clock's
    # The jumps were seen: Optuna notes beginning and end of a trial by the clock of its worker.
    forward, back = trials
    assert forward.duration is not None
    assert back.duration is not None
    assert forward.duration.total_seconds() > 3000
    assert back.duration.total_seconds() < -3000
