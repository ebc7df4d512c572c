"""The real Isaac Lab 3.0 on the CPU, kit-less, with assets built on the spot."""

import os
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
import yaml
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from objectives.run_result import RunResult
from tests.conftest import Hpo

CARTPOLE = {
    "backend": "isaaclab",
    "task": "Isaac-Cartpole-Direct",
    "n_envs": 256,
    "budget": "40s",
    "n_eval_episodes": 64,
    "action_bounds": {"low": -1, "high": 1},
    "hyperparameters": {
        "learning_rate": 1e-3,
        "batch_size": 256,
        "gradient_steps": 16,
        "learning_starts": 2560,
        "buffer_size": 200_000,
        "ent_coef": "auto_0.01",
        "gamma": 0.98,
        "tau": 0.02,
        "policy_kwargs": {"net_arch": [64, 64], "activation_fn": "elu", "layer_norm": True},
    },
}


@pytest.fixture(scope="module", autouse=True)
def asset_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assets")
    script = Path(__file__).with_name("build_assets.py")
    subprocess.run([sys.executable, str(script), str(folder)], check=True, capture_output=True)
    os.environ["ISAACSIM_ASSET_ROOT"] = str(folder)
    return folder


def train_cartpole(hpo: Hpo, folder: Path, **changes: object) -> RunResult:
    config = folder / "cartpole.yaml"
    config.write_text(yaml.safe_dump({**CARTPOLE, **changes}))
    out = folder / f"run{len(list(folder.iterdir()))}"
    done = hpo("train", "--config", str(config), "--seed", "1", "--out", str(out))
    assert done.returncode == 0, done.stderr
    return RunResult.model_validate_json((out / "result.json").read_text())


def test_cartpole_trains_and_beats_the_untrained_policy(hpo: Hpo, tmp_path: Path) -> None:
    untrained = train_cartpole(hpo, tmp_path, max_steps=256)
    trained = train_cartpole(hpo, tmp_path)
    assert untrained.total_gradient_steps == 0
    assert trained.budget_compilations == 0
    assert trained.evaluation is not None
    assert untrained.evaluation is not None
    assert trained.evaluation.mean_return > untrained.evaluation.mean_return
    assert trained.evaluation.n_episodes == 64


def test_sac_speed_runs_kit_less_on_unitree_a1(hpo: Hpo, storage: BaseStorage) -> None:
    small = ("--n-envs", "16", "--budget", "10s", "--n-eval-episodes", "8", "--n-trials", "1")
    done = hpo("worker", "--study", "sac-speed", *small, timeout_s=900)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (trial,) = optuna.load_study(study_name="sac-speed", storage=storage).trials
    assert trial.state is TrialState.COMPLETE
    recorded = trial.user_attrs
    assert recorded["n_episodes"] == 8
    assert recorded["num_timesteps"] > 0
    assert recorded["budget_compilations"] == 0
    assert recorded["versions"]["isaaclab"] == "3.0.0"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--task", "Isaac-Velocity-Flat-Unitree-A1-v0"), "in 3.0 this task is IsaacContrib-Velocity-Flat-UnitreeA1"),
        (("--task", "Isaac-Nope"), "no Isaac Lab task 'Isaac-Nope'"),
        (("--task", "Pendulum-v1"), "is not an Isaac Lab task"),
        (("--physics", "bullet"), "Unknown preset(s): bullet"),
        (("--physics", "isaacsim_physx"), "needs Isaac Sim"),
        (("--set", "action_bounds=null"), "unbounded action space"),
        (("--action-bounds", "fraction:0.03"), "`fraction` is undefined"),
        (("--task", "Isaac-Cartpole-Direct"), "1 action dimensions, but action_bounds gives 12"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_run_is_refused_in_one_line(hpo: Hpo, arguments: tuple[str, ...], message: str) -> None:
    done = hpo("worker", "--study", "refused", "--config", "sac-speed", "--n-envs", "4", *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
