"""Known hyperparameters in a search, as its user enqueues them."""

import json

import optuna
import pytest
from optuna.storages import BaseStorage

from samplers import baseline
from tests.acceptance.conftest import QUICK
from tests.conftest import Hpo


@pytest.fixture(scope="module")
def complete(hpo: Hpo) -> str:
    """A study that took a baseline of its definition, one of a worker's, and then one that it has had already."""
    name = "with-baselines"
    options = ("worker", "--study", name, *QUICK, "--budget", "3s", "--n-trials", "3")
    first = hpo(*options, "--set", "baselines=[haarnoja]", "--baseline", "tuned-a1", "--trials", "2")
    assert first.returncode == 0, first.stderr
    assert "trial 0 (baseline:haarnoja): mean return" in first.stdout
    again = hpo("worker", "--study", name, "--baseline", "haarnoja")
    assert again.returncode == 0, again.stderr
    return name


def test_a_baseline_takes_a_trial_and_is_enqueued_once(complete: str, hpo: Hpo, storage: BaseStorage) -> None:
    trials = optuna.load_study(study_name=complete, storage=storage).trials
    assert [trial.user_attrs["ent_coef"] for trial in trials[:2]] == [0.2, baseline("tuned-a1")["ent_coef"]]
    assert len(trials) == 3
    assert trials[2].params
    assert len({trial.user_attrs["seed"] for trial in trials}) == 3
    best = json.loads(hpo("best", "--study", complete, "--json").stdout)
    assert baseline("haarnoja") in [row["hyperparameters"] for row in best]


def test_a_complete_study_takes_no_baseline(complete: str, hpo: Hpo, storage: BaseStorage) -> None:
    done = hpo("worker", "--study", complete, "--baseline", "rough")
    assert done.returncode == 1
    assert f"baseline rough: study {complete} has had all of its 3 trials" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(optuna.load_study(study_name=complete, storage=storage).trials) == 3


def test_an_unknown_baseline_is_refused_with_the_known_ones(hpo: Hpo) -> None:
    for option in (("--baseline", "best"), ("--set", "baselines=[best]")):
        done = hpo("worker", "--study", "unknown-baseline", *QUICK, *option)
        assert done.returncode == 1
        assert "tuned-a1, quick-fix, rough, haarnoja" in done.stderr
        assert len(done.stderr.splitlines()) == 1
