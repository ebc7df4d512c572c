"""A worker outlives whatever shows it: a pipe, a file, a terminal."""

import os
import pty
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from tests.acceptance.conftest import QUICK
from tests.acceptance.waiting import PATIENCE_S, wait_until
from tests.conftest import Hpo


def states(storage: BaseStorage, study_name: str) -> list[TrialState]:
    return [trial.state for trial in optuna.load_study(study_name=study_name, storage=storage).trials]


def to_a_closed_pipe(command: list[str]) -> int:
    """Leaves after the first line, as `head -1` does."""
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert worker.stdout is not None
    assert worker.stdout.readline()
    worker.stdout.close()
    return worker.wait(PATIENCE_S)


def to_a_full_disk(command: list[str]) -> int:
    with Path("/dev/full").open("w") as full:
        return subprocess.run(command, stdout=full, stderr=full, timeout=PATIENCE_S, check=False).returncode


def to_a_closed_descriptor(command: list[str]) -> int:
    return subprocess.run(["sh", "-c", '"$@" >&- 2>&-', "sh", *command], timeout=PATIENCE_S, check=False).returncode


def on_a_terminal(command: list[str]) -> tuple["subprocess.Popen[bytes]", int]:
    """The process, and our end of its terminal: when that is closed, it is as if SSH had dropped."""
    ours, its = pty.openpty()
    # The session's leader opens a terminal, which becomes its own; then it is that command.
    opens = 'exec "$@" <>"$0" >&0 2>&0'
    worker = subprocess.Popen(["sh", "-c", opens, os.ttyname(its), *command], start_new_session=True)
    os.read(ours, 1)
    os.close(its)  # not before the worker has it: a terminal that nobody has cannot be read
    return worker, ours


def read_until(terminal: int, text: bytes) -> None:
    seen = b""
    while text not in seen:
        seen += os.read(terminal, 4096)


def to_a_dead_terminal(command: list[str]) -> int:
    """As after `nohup`, which would also print elsewhere."""
    worker, terminal = on_a_terminal(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *command])
    read_until(terminal, b"the runner on")
    os.close(terminal)
    return worker.wait(PATIENCE_S)


@pytest.mark.parametrize(
    "without_display", [to_a_closed_pipe, to_a_full_disk, to_a_closed_descriptor, to_a_dead_terminal]
)
def test_a_worker_goes_on_without_its_display(
    hpo_program: str, storage: BaseStorage, study_name: str, without_display: Callable[[list[str]], int]
) -> None:
    command = [hpo_program, "worker", *QUICK, "--budget", "1s", "--study", study_name, "--n-trials", "2"]
    assert without_display(command) == 0
    assert states(storage, study_name) == [TrialState.COMPLETE] * 2


def test_a_dropped_terminal_hands_the_trial_back_as_often_as_it_happens(
    hpo_program: str, storage: BaseStorage, study_name: str
) -> None:
    given: tuple[str, ...] = (*QUICK, "--budget", "90s", "--n-trials", "1")
    for times in range(1, 4):
        worker, terminal = on_a_terminal([hpo_program, "worker", "--study", study_name, *given])
        given = ()
        read_until(terminal, b"training")
        os.close(terminal)
        assert worker.wait(PATIENCE_S) == 128 + signal.SIGHUP
        assert states(storage, study_name) == [TrialState.FAIL] * times + [TrialState.WAITING]


def test_a_hang_up_counts_once_however_often_it_comes(
    hpo_program: str, storage: BaseStorage, study_name: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    draining = [hpo_program, "worker", *QUICK, "--budget", "6s", "--study", study_name, "--n-trials", "5", "--drain"]
    with log.open("w") as file:
        worker = subprocess.Popen(draining, stdout=file, stderr=file)
    wait_until(lambda: "trial 0: training" in log.read_text())
    for _ in range(3):
        worker.send_signal(signal.SIGHUP)
    assert worker.wait(PATIENCE_S) == 128 + signal.SIGHUP
    assert states(storage, study_name) == [TrialState.COMPLETE]


def test_a_query_whose_answer_cannot_be_written_is_an_error(hpo: Hpo, hpo_program: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([hpo_program, "status"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode != 0
