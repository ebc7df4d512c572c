"""Hyperparameters as people have them in files, through the commands that read them."""

from pathlib import Path

import optuna
import pytest
import yaml
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from tests.acceptance.conftest import QUICK
from tests.conftest import Hpo

ZOO = """
Pendulum-v1:
  n_timesteps: !!float 400
  n_envs: 4
  policy: MlpPolicy
  learning_rate: lin_3e-4
  buffer_size: 1e4
  batch_size: 64
  ent_coef: auto_0.1
  train_freq: [2, step]
  gradient_steps: -1
  learning_starts: 40
  policy_kwargs: "dict(net_arch=[32, 32], activation_fn=nn.ELU)"
  normalize: true
"""


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    path = tmp_path / "sac.yml"
    path.write_text(ZOO)
    return path


def test_a_file_of_the_zoo_trains(hpo: Hpo, zoo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = hpo("train", "--config", str(zoo), "--set", "n_eval_episodes=4", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "and 400 steps" in done.stdout
    config = yaml.safe_load((out / "config.yaml").read_text())
    assert (config["task"], config["algorithm"], config["n_envs"]) == ("Pendulum-v1", "sac", 4)


def test_a_file_is_a_baseline_of_a_search_and_a_candidate_of_a_replay(
    hpo: Hpo, storage: BaseStorage, study_name: str, zoo: Path, tmp_path: Path
) -> None:
    worker = ("worker", "--study", study_name, *QUICK, "--budget", "1s", "--n-trials", "1")
    misspelt = tmp_path / "misspelt.yml"
    misspelt.write_text(ZOO.replace("batch_size", "bach_size"))
    refused = hpo(*worker, "--baseline", str(misspelt))
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1), refused.stderr
    assert "sac has no hyperparameter bach_size; did you mean batch_size?" in refused.stderr
    assert f"no study '{study_name}'" in hpo("status", "--study", study_name).stderr

    done = hpo(*worker, "--baseline", str(zoo))
    assert done.returncode == 0, done.stderr
    (trial,) = optuna.load_study(study_name=study_name, storage=storage).trials
    assert trial.state is TrialState.COMPLETE
    recorded = trial.user_attrs
    assert recorded["run"]["candidate"] == "baseline:sac"
    assert (recorded["net_arch"], recorded["activation_fn"], recorded["buffer_size"]) == ([32, 32], "elu", 10_000)
    # Eight environments, two steps each.
    assert (recorded["gradient_steps"], recorded["replay_ratio"], recorded["budget_compilations"]) == (16, 1, 0)

    replay = hpo("replay", "--study", study_name, "--top", "0", "--seeds", "1", "--include", str(zoo))
    assert replay.returncode == 0, replay.stderr
    assert "baseline:sac, seed" in replay.stdout


def test_a_class_that_is_not_known_is_one_line(hpo: Hpo, zoo: Path) -> None:
    zoo.write_text(ZOO.replace("nn.ELU", "nn.Mish"))
    done = hpo("train", "--config", str(zoo))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "nn.Mish is not known here: write one of relu, elu, tanh" in done.stderr
