"""Known hyperparameters in a search, as its user enqueues them."""

import json

import optuna
import pytest
import yaml
from optuna.storages import BaseStorage

from samplers import baseline
from tests.acceptance.conftest import QUICK
from tests.conftest import Hpo


@pytest.fixture(scope="module")
def complete(hpo: Hpo) -> str:
    """A study that took a baseline of its definition, one of a worker's, and then one that it has had already."""
    name = "with-baselines"
    options = ("worker", "--study", name, *QUICK, "--budget", "3s", "--n-trials", "4")
    asked = ("--set", "baselines=[haarnoja]", "--baseline", "tuned-a1", "--baseline", "ppo")
    first = hpo(*options, *asked, "--trials", "3")
    assert first.returncode == 0, first.stderr
    assert "trial 0 (baseline:haarnoja): mean return" in first.stdout
    again = hpo("worker", "--study", name, "--baseline", "haarnoja")
    assert again.returncode == 0, again.stderr
    return name


def test_a_baseline_takes_a_trial_and_is_enqueued_once(complete: str, hpo: Hpo, storage: BaseStorage) -> None:
    trials = optuna.load_study(study_name=complete, storage=storage).trials
    assert [trial.user_attrs["ent_coef"] for trial in trials[:2]] == [0.2, baseline("tuned-a1")["ent_coef"]]
    assert len(trials) == 4
    assert trials[3].params
    assert len({trial.user_attrs["seed"] for trial in trials}) == 4
    best = json.loads(hpo("best", "--study", complete, "--json").stdout)
    assert baseline("haarnoja") in [row["hyperparameters"] for row in best]


def test_a_complete_study_takes_no_baseline(complete: str, hpo: Hpo, storage: BaseStorage) -> None:
    done = hpo("worker", "--study", complete, "--baseline", "rough")
    assert done.returncode == 1
    assert f"baseline rough: study {complete} has had all of its 4 trials" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(optuna.load_study(study_name=complete, storage=storage).trials) == 4


def test_ppo_stands_beside_sac_as_a_trial_and_as_a_candidate(complete: str, hpo: Hpo, storage: BaseStorage) -> None:
    ppo = optuna.load_study(study_name=complete, storage=storage).trials[2]
    assert (ppo.user_attrs["n_epochs"], ppo.user_attrs["budget_compilations"]) == (5, 0)
    exported = yaml.safe_load(hpo("export", "--study", complete, "--trial", "2").stdout)
    assert (exported["algorithm"], exported["hyperparameters"]["n_epochs"]) == ("ppo", 5)

    replay = hpo("replay", "--study", complete, "--top", "0", "--include", "baseline:ppo", "--seeds", "1")
    assert replay.returncode == 0, replay.stderr
    assert "baseline ppo: trains ppo; PPO with the default settings" in replay.stdout
    assert "baseline:ppo, seed" in replay.stdout
    # On fewer environments than its four minibatches could be filled from.
    played = hpo("play", "--study", complete, "--candidate", "baseline:ppo", "--episodes", "1", "--json")
    assert played.returncode == 0, played.stderr
    assert json.loads(played.stdout)["evaluation"]["n_episodes"] == 1
    winner = yaml.safe_load(hpo("export", "--study", complete).stdout)
    assert (winner["algorithm"], winner["provenance"]["candidate"]) == ("ppo", "baseline:ppo")


def test_an_unknown_baseline_is_refused_with_the_known_ones(hpo: Hpo) -> None:
    for option in (("--baseline", "best"), ("--set", "baselines=[best]")):
        done = hpo("worker", "--study", "unknown-baseline", *QUICK, *option)
        assert done.returncode == 1
        assert "tuned-a1, tuned-a1-tqc, quick-fix, rough, haarnoja" in done.stderr
        assert len(done.stderr.splitlines()) == 1
