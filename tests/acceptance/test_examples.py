"""The examples, as their README types them."""

import subprocess
import sys
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from tests.conftest import Hpo

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def in_their_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)


@pytest.mark.takes(40)
@pytest.mark.parametrize(
    "more", [(), ("--import", "own_space", "--set", "search_space=own_space:sample")], ids=["task", "space"]
)
def test_a_task_and_a_space_of_ones_own(hpo: Hpo, storage: BaseStorage, study_name: str, more: tuple[str, ...]) -> None:
    short = ("--budget", "2s", "--n-trials", "1")
    done = hpo("worker", "--study", study_name, "--config", "own_task.yaml", "--import", "own_task", *short, *more)
    assert done.returncode == 0, done.stderr
    (trial,) = optuna.load_study(study_name=study_name, storage=storage).trials
    assert trial.state is TrialState.COMPLETE
    assert trial.user_attrs["action_names"] == ["shoulder", "elbow"]
    assert set(trial.params) == {"width_pow", "learning_rate", "one_minus_gamma"} if more else len(trial.params) == 9


def test_the_sampler_in_plain_optuna() -> None:
    done = subprocess.run([sys.executable, "cmaes_in_optuna.py"], capture_output=True, text=True, check=True)
    assert float(done.stdout.split()[2]) < 0.05
