"""A study as its user sees it: created, worked on, looked at, trained again."""

import json
from pathlib import Path

import optuna
import psutil
import pytest
import yaml
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from objectives.run_result import RunResult
from tests.acceptance.conftest import QUICK, Start, runner_of
from tests.acceptance.waiting import wait_for_line
from tests.conftest import Hpo

pytestmark = pytest.mark.takes(50)


@pytest.fixture(scope="module")
def finished(hpo: Hpo) -> str:
    """A study with three finished trials."""
    done = hpo("worker", "--study", "finished", *QUICK, "--budget", "5s", "--n-trials", "3")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "finished: 3 complete" in done.stdout
    assert "study finished: 3 of 3 trials, best " in done.stdout
    return "finished"


def test_a_trial_records_what_it_ran_and_what_it_ran_on(finished: str, storage: BaseStorage) -> None:
    study = optuna.load_study(study_name=finished, storage=storage)
    for trial in study.trials:
        recorded = trial.user_attrs
        assert trial.state is TrialState.COMPLETE
        assert trial.value == recorded["mean_return"]
        assert recorded["batch_size"] == 2 ** trial.params["batch_size_pow"]
        assert recorded["gradient_steps"] == 2 ** trial.params["gradient_steps_pow"]
        assert recorded["replay_ratio"] == recorded["gradient_steps"] / (8 * recorded["train_freq"])
        assert recorded["net_arch"] in ([128, 128, 128], [256, 256])
        assert recorded["num_timesteps"] > 0
        assert recorded["steps_per_s"] == pytest.approx(recorded["num_timesteps"] / recorded["training_s"])
        assert recorded["training_s"] >= 5
        assert recorded["overshoot_s"] == pytest.approx(recorded["training_s"] - 5)
        assert recorded["budget_compilations"] == 0
        assert min(recorded["startup_s"], recorded["warmup_s"], recorded["evaluation_s"]) > 0
        assert recorded["n_episodes"] == 8
        assert recorded["hardware"].startswith("CPU ")
        assert recorded["diverged"] is False
        assert {"hpo", "optuna", "jax", "sbx-rl", "python"} <= recorded["versions"].keys()
        assert recorded["git_commit"]
        assert len(recorded["learning_curve"]) >= 2
        assert recorded["learning_curve"][-1][1] == recorded["num_timesteps"]
    assert len({trial.user_attrs["seed"] for trial in study.trials}) == 3
    reported = [step for trial in study.trials for step in trial.intermediate_values]
    assert reported
    assert set(reported) <= {1, 2, 3, 4, 5}


def test_the_runner_is_reused_from_trial_to_trial(finished: str, storage: BaseStorage) -> None:
    first, *later = optuna.load_study(study_name=finished, storage=storage).trials
    # A new process would have to make all programs ready again, those of JAX's own operations included.
    compiled = [trial.user_attrs["warmup_compilations"] for trial in later]
    assert max(compiled) < first.user_attrs["warmup_compilations"]


def test_a_worker_that_joins_a_complete_study_has_nothing_to_do(finished: str, hpo: Hpo) -> None:
    done = hpo("worker", "--study", finished)
    assert done.returncode == 0
    assert "3 complete" in done.stdout


def test_another_definition_is_refused_with_the_difference(finished: str, hpo: Hpo) -> None:
    done = hpo("worker", "--study", finished, "--n-envs", "4", "--set", "sampler.population_size=7")
    assert done.returncode == 1
    assert "n_envs: the study has 8, asked for 4" in done.stderr
    assert "sampler.population_size: the study has 5, asked for 7" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_same_definition_is_joined(finished: str, hpo: Hpo) -> None:
    assert hpo("worker", "--study", finished, *QUICK, "--budget", "5s", "--n-trials", "3").returncode == 0


def test_status_tells_people_and_programs_the_same(finished: str, hpo: Hpo) -> None:
    assert "3/3" in hpo("status").stdout
    (row,) = json.loads(hpo("status", "--study", finished, "--json").stdout)
    assert (row["study"], row["task"], row["complete"], row["running"]) == (finished, "Pendulum-v1", 3, 0)


def test_best_lists_trials_from_best_to_worst(finished: str, hpo: Hpo) -> None:
    trials = json.loads(hpo("best", "--study", finished, "--json").stdout)
    values = [trial["value"] for trial in trials]
    assert values == sorted(values, reverse=True)
    assert len(values) == 3
    assert f"{values[0]:.2f}" in hpo("best", "--study", finished).stdout


def test_the_best_trial_can_be_trained_again_from_its_file(finished: str, hpo: Hpo, tmp_path: Path) -> None:
    file = tmp_path / "best.yaml"
    file.write_text(hpo("export", "--study", finished).stdout)
    assert yaml.safe_load(file.read_text())["provenance"]["study"] == finished
    out = tmp_path / "run"
    arguments = ("train", "--config", str(file), "--seed", "3", "--set", "max_steps=400", "--out", str(out))
    done = hpo(*arguments)
    assert done.returncode == 0, done.stderr
    assert {"model.zip", "vecnormalize.pkl", "learning_curve.csv", "learning_curve.png"} <= {
        p.name for p in out.iterdir()
    }
    result = RunResult.model_validate_json((out / "result.json").read_text())
    assert result.evaluation is not None
    assert f"{result.evaluation.mean_return:.2f}" in done.stdout
    again = hpo(*arguments)
    assert again.returncode == 1
    assert "already holds a run" in again.stderr


def test_two_workers_finish_exactly_the_studys_trials(
    start: Start, storage: BaseStorage, study_name: str, hpo: Hpo
) -> None:
    arguments = ("worker", "--study", study_name, *QUICK, "--budget", "2s", "--n-trials", "5")
    workers = [start(*arguments), start(*arguments)]
    assert [worker.ended() for worker in workers] == [0, 0]
    trials = optuna.load_study(study_name=study_name, storage=storage).trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 5
    assert len({trial.user_attrs["worker_pid"] for trial in trials}) == 2
    assert len({json.dumps(trial.params) for trial in trials}) == 5
    assert any(trial.user_attrs["hardware_shared"] for trial in trials)


def test_a_worker_leaves_after_its_own_quota(hpo: Hpo, study_name: str, storage: BaseStorage) -> None:
    quick = (*QUICK, "--budget", "1s", "--n-trials", "9")
    assert hpo("worker", "--study", study_name, *quick, "--trials", "1").returncode == 0
    assert hpo("worker", "--study", study_name, "--duration", "1s").returncode == 0
    assert len(optuna.load_study(study_name=study_name, storage=storage).trials) == 2


def test_the_supervisor_loads_no_learning_library(start: Start, study_name: str) -> None:
    given = (*QUICK, "--budget", "60s", "--n-trials", "1")
    worker = start("worker", "--study", study_name, *given, installed=True)
    wait_for_line(worker, "training")
    loaded = {Path(entry.path).name for entry in psutil.Process(worker.pid).memory_maps()}
    runners = {Path(entry.path).name for entry in runner_of(worker).memory_maps()}
    heavy = {name for name in runners if "jax" in name or "torch" in name}
    assert heavy
    assert not heavy & loaded
