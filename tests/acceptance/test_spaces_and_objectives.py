"""Other search spaces and objectives, through the command line."""

import json
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from tests.acceptance.conftest import QUICK
from tests.conftest import Hpo

SHORT = ("--budget", "2s", "--n-trials", "2", "--set", "sampler=random", "--set", "baselines=[]")

SPACE = """
def sample_params(trial):
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-3, log=True),
        "batch_size": 2 ** trial.suggest_int("batch_size_pow", 4, 6),
        "learning_starts": 50,
        "buffer_size": 10_000,
        "policy_kwargs": {"net_arch": [16, 16]},
        "n_envs": 4 * trial.suggest_int("envs", 1, 2),
    }

def typo(trial):
    return {"learning_rte": 1e-3}
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "my_space.py").write_text(SPACE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    return "my_space"


def test_a_function_is_a_search_space_and_a_replay_does_not_need_it(
    hpo: Hpo, storage: BaseStorage, study_name: str, module: str, tmp_path: Path
) -> None:
    study = ("worker", "--study", study_name, *QUICK[:2], *SHORT, "--set", "n_eval_episodes=8")
    refused = hpo(*study, "--set", "search_space=my_space:sample_params")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "allow it with --import my_space" in refused.stderr
    typo = hpo(*study, "--set", "search_space=my_space:typo", "--import", module)
    assert (typo.returncode, len(typo.stderr.splitlines())) == (1, 1)
    assert "sac has no hyperparameter learning_rte" in typo.stderr

    done = hpo(*study, "--set", "search_space=my_space:sample_params", "--import", module)
    assert done.returncode == 0, done.stderr
    trials = optuna.load_study(study_name=study_name, storage=storage).trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 2
    for trial in trials:
        assert trial.user_attrs["hyperparameters"]["learning_rate"] == trial.params["learning_rate"]
        assert trial.user_attrs["batch_size"] == 2 ** trial.params["batch_size_pow"]
        assert trial.user_attrs["n_envs"] == 4 * trial.params["envs"]
        assert trial.user_attrs["replay_ratio"] == 1 / trial.user_attrs["n_envs"]
    (tmp_path / "my_space.py").unlink()
    replayed = hpo("replay", "--study", study_name, "--top", "1", "--seeds", "1")
    assert replayed.returncode == 0, replayed.stderr
    (again,) = optuna.load_study(study_name=f"{study_name}-replay", storage=storage).trials
    best = max(trials, key=lambda trial: trial.value or 0)
    assert again.user_attrs["n_envs"] == best.user_attrs["n_envs"]
    exported = hpo("export", "--study", study_name)
    assert f"n_envs: {best.user_attrs['n_envs']}\n" in exported.stdout


def test_another_algorithm_is_searched_by_its_space_and_with_it_the_number_of_environments(
    hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    small = ("--set", "search_space.fixed.learning_starts=50", "--set", "search_space.fixed.buffer_size=10000")
    few = ("--set", "search_space.dimensions.gradient_steps_pow.high=4", "--set", "n_eval_episodes=8")
    space = ("--set", "search_space.name=tqc", "--set", "search_space.dimensions.net_arch_complexity.high=1")
    envs = (
        "--set",
        "search_space.optional=[n_envs_pow]",
        "--set",
        "search_space.dimensions.n_envs_pow={low: 2, high: 4}",
    )
    config = ("--backend", "gymnasium", "--task", "Pendulum-v1", "--n-envs", "8", "--action-bounds", "-2,2")
    done = hpo(
        "worker", "--study", study_name, "--config", "sac-speed", "--set", "physics=null", *config, *SHORT, *space,
        *small, *few, *envs,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    study = optuna.load_study(study_name=study_name, storage=storage)
    assert study.user_attrs["definition"]["config"]["algorithm"] == "tqc"
    for trial in study.trials:
        assert trial.state is TrialState.COMPLETE
        assert trial.user_attrs["n_quantiles"] == trial.params["n_quantiles"]
        assert trial.user_attrs["n_envs"] == 2 ** trial.params["n_envs_pow"]
        assert trial.user_attrs["budget_compilations"] == 0


def test_a_trial_that_cannot_fit_into_memory_is_refused_at_once(
    hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    done = hpo(
        "worker", "--study", study_name, *QUICK, *SHORT,
        "--set", "search_space.dimensions.batch_size_pow={low: 30, high: 32}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for trial in optuna.load_study(study_name=study_name, storage=storage).trials:
        assert trial.state is TrialState.COMPLETE
        assert trial.value == -1000
        assert f"batch_size {2 ** trial.params['batch_size_pow']:,}" in trial.user_attrs["refused"]
        assert "training_s" not in trial.user_attrs
    assert "refused" in done.stdout
    replayed = hpo("replay", "--study", study_name)
    assert (replayed.returncode, len(replayed.stderr.splitlines())) == (1, 1)


@pytest.mark.parametrize(("target", "reached"), [(-10, True), (5, False)])
def test_the_time_to_a_return_is_what_is_searched(
    hpo: Hpo, storage: BaseStorage, study_name: str, target: int, reached: bool
) -> None:
    done = hpo(
        "worker", "--study", study_name, *QUICK, *SHORT, "--trials", "1", "--task", "Nothing-v0",
        "--import", "faulty_tasks",
        "--set", f"objective=time-to-return:{target}", "--set", "report_every=0.2",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    study = optuna.load_study(study_name=study_name, storage=storage)
    assert study.metric_names == [f"-seconds to {target}"]
    (trial,) = study.trials
    recorded = trial.user_attrs
    assert recorded["mean_return"] == -10  # of any policy: one less a step, ten steps
    if reached:
        assert trial.value == -recorded["reached_s"]
        assert recorded["reached_s"] <= recorded["training_s"]
    else:
        assert trial.value == -2 - 15
        assert recorded["training_s"] >= 2
    best = hpo("best", "--study", study_name, "--json")
    assert json.loads(best.stdout)[0]["value"] == trial.value
