"""Steering a running study: stop, pause, resume, reap, retry, logs, status."""

import json
import re

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from hpo.database.resilient_storage import ResilientStorage
from hpo.hardware import cpu_name
from hpo.studies.study import OpenStudy, create_study, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from tests.acceptance.conftest import QUICK, Start
from tests.acceptance.silence import nothing_was_heard_for_two_minutes
from tests.acceptance.waiting import wait_for_line
from tests.conftest import Hpo

GAMMA = {"gamma": optuna.distributions.FloatDistribution(0.975, 0.995)}


@pytest.fixture
def written(storage: ResilientStorage, study_name: str) -> OpenStudy:
    """A study that no worker has worked on."""
    space = {"name": "only gamma", "dimensions": {"gamma": {"kind": "float", "low": 0.975, "high": 0.995}}}
    config = load_study_config(builtin_studies()["quickstart"], {"search_space": space, "baselines": [], "n_trials": 5})
    return create_study(storage, study_name, this_definition(config, cpu_name()))


def trials_of(storage: ResilientStorage, study_name: str) -> list[FrozenTrial]:
    return optuna.load_study(study_name=study_name, storage=storage).trials


def add_failed(opened: OpenStudy) -> None:
    opened.study.add_trial(create_trial(state=TrialState.FAIL, params={"gamma": 0.98}, distributions=GAMMA))


def test_stop_lets_trials_finish_and_the_next_worker_works(
    start: Start, hpo: Hpo, storage: ResilientStorage, study_name: str
) -> None:
    worker = start("worker", *QUICK, "--budget", "25s", "--study", study_name)
    wait_for_line(worker, "trial 0: training")
    assert hpo("stop", "--study", study_name).stdout == f"{study_name}: workers finish their trials and leave\n"
    assert worker.ended() == 0
    # One, unless the order took longer than a trial on a busy machine; of six that are planned.
    finished = trials_of(storage, study_name)
    assert {trial.state for trial in finished} == {TrialState.COMPLETE}
    assert len(finished) < 6
    assert "stopped by hpo stop" in worker.output
    wait_for_line(start("worker", "--study", study_name), f"trial {len(finished)}: training")


def test_stop_now_hands_the_trial_back(start: Start, hpo: Hpo, storage: ResilientStorage, study_name: str) -> None:
    worker = start("worker", *QUICK, "--budget", "500s", "--study", study_name)
    wait_for_line(worker, "trial 0: training")
    (row,) = json.loads(hpo("status", "--study", study_name, "--json").stdout)
    assert (row["running"], row["n_trials"], row["paused"]) == (1, 6, False)
    shown = hpo("status", "--study", study_name)
    assert f"{worker.pid}" in shown.stdout
    log = hpo("logs", "0", "--study", study_name).stdout
    assert "trial 0" in log.splitlines()[0]
    assert "RUNNING" in log.splitlines()[0]
    assert f"worker {worker.pid}" in log
    assert "batch_size:" in log
    assert hpo("stop", "--now", "--study", study_name).returncode == 0
    assert worker.ended() == 0
    handed_back, waiting = trials_of(storage, study_name)
    assert (handed_back.state, waiting.state) == (TrialState.FAIL, TrialState.WAITING)
    assert waiting.user_attrs["retry_of"] == 0
    # That is no failure.
    assert "trial 0: handed back: the worker was stopped" in worker.output
    assert "1 waiting, 1 done again" in worker.output
    (row,) = json.loads(hpo("status", "--study", study_name, "--json").stdout)
    assert (row["fail"], row["done_again"], row["waiting"]) == (0, 1, 1)


def test_status_of_a_study_that_nobody_works_on_says_how_to_go_on_and_shows_the_best(
    hpo: Hpo, written: OpenStudy
) -> None:
    for value in (-900.0, -300.0, -700.0, -200.0):
        trial = create_trial(value=value, params={"gamma": 0.98}, distributions=GAMMA)
        written.study.add_trial(trial)
    add_failed(written)
    shown = hpo("status", "--study", written.name).stdout
    assert f"study {written.name} on Pendulum-v1: 4 of 5 trials, best -200.00 (trial 3)" in shown
    assert f"no trial is running: hpo worker --study {written.name}\n" in shown
    assert "best so far, trial by trial: ▁▇▇█ from -900.00 to -200.00" in shown
    best, latest = shown.split("ended last")
    assert re.findall(r"^ (\d) +(-\d+\.00)", best, re.MULTILINE) == [
        ("3", "-200.00"), ("1", "-300.00"), ("2", "-700.00"), ("0", "-900.00"),
    ]  # fmt: skip
    assert re.findall(r"^ (\d) +.* ago +(\w+)", latest, re.MULTILINE)[0] == ("4", "fail")


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_how_far_a_running_trial_is_comes_from_the_clock(hpo: Hpo, written: OpenStudy) -> None:
    trial = written.study.ask()
    shown = hpo("status", "--study", written.name).stdout
    assert " 0% " in shown  # it warms up
    trial.set_user_attr("training_began_s", 0.0)  # of 20 s, and it never reports
    shown = hpo("status", "--study", written.name).stdout
    (share,) = re.findall(r"(\d+)% ", shown)
    assert 0 < int(share) <= 100


def test_a_paused_study_waits_and_goes_on(
    start: Start, hpo: Hpo, storage: ResilientStorage, written: OpenStudy
) -> None:
    name = written.name
    assert hpo("pause", "--study", name).stdout == f"{name}: workers wait after their trials, until hpo resume\n"
    assert hpo("pause", "--study", name).stdout == f"{name} is paused already\n"
    worker = start("worker", "--study", name, "--trials", "1")
    wait_for_line(worker, "the study is paused: waiting for hpo resume")
    assert trials_of(storage, name) == []
    assert "paused" in hpo("status", "--study", name).stdout
    assert hpo("resume", "--study", name).stdout == f"{name}: workers go on\n"
    wait_for_line(worker, "trial 0: training")
    worker.terminate()
    worker.ended()


def test_failed_trials_are_retried_once_in_their_slots(hpo: Hpo, storage: ResilientStorage, written: OpenStudy) -> None:
    add_failed(written)
    add_failed(written)
    one = hpo("retry", "1", "--study", written.name)
    assert one.stdout == "trial 1: again as 2\n"
    rest = hpo("retry", "--study", written.name)
    assert rest.stdout == "trial 0: again as 3\n"
    assert "nothing to retry" in hpo("retry", "--study", written.name).stdout
    for again in trials_of(storage, written.name)[2:]:
        assert (again.state, again.params) == (TrialState.WAITING, {"gamma": 0.98})
    for number, message in (("9", "has no failed trial 9"), ("2", "no failed trial 2"), ("1", "done again already")):
        done = hpo("retry", number, "--study", written.name)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        assert message in done.stderr
    assert len(trials_of(storage, written.name)) == 4


def test_a_dead_workers_trial_is_reaped_where_no_worker_is_left(
    hpo: Hpo, storage: ResilientStorage, written: OpenStudy
) -> None:
    with pytest.warns(UserWarning, match="Heartbeat of storage"):
        written.study.ask(GAMMA)
    assert "no running trial of a dead worker" in hpo("reap", "--study", written.name).stdout
    nothing_was_heard_for_two_minutes(storage, written.name)
    reaped = hpo("reap", "--study", written.name)
    assert reaped.stdout == "trial 0: its worker is dead; again as 1\n"
    lost, again = trials_of(storage, written.name)
    assert (lost.state, again.state) == (TrialState.FAIL, TrialState.WAITING)
    assert again.params == lost.params


def test_watching_needs_a_terminal(hpo: Hpo) -> None:
    done = hpo("status", "--watch")
    assert (done.returncode, done.stderr) == (
        1,
        "hpo: --watch draws on a terminal: leave it out in a pipe, or with --json\n",
    )


def test_logs_of_a_trial_that_is_not_there(hpo: Hpo, written: OpenStudy) -> None:
    done = hpo("logs", "3", "--study", written.name)
    assert (done.returncode, done.stderr) == (1, f"hpo: study {written.name} has no trial 3; it has 0\n")
