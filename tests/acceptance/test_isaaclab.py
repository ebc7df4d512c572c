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

from hpo.hardware import cpu_name
from hpo.studies.study import create_study, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from objectives.run_result import RunResult
from samplers import SearchSpace
from tests.conftest import Hpo
from tests.corners import corners

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


@pytest.mark.parametrize(("name", "objective"), [("sac-speed", "return"), ("a1-rough", "curriculum-level")])
def test_the_corners_of_the_space_train_on_unitree_a1(
    name: str, objective: str, hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    few = {
        "n_envs": 8, "budget": "5s", "n_eval_episodes": 4, "n_trials": 2, "baselines": [], "objective": objective,
        "search_space.fixed.learning_starts": 16, "search_space.fixed.buffer_size": 20_000,
    }  # fmt: skip
    config = load_study_config(builtin_studies()[name], few)
    opened = create_study(storage, study_name, this_definition(config, cpu_name()))
    space = config.search_space
    assert isinstance(space, SearchSpace)
    for values in corners(space).values():
        opened.study.enqueue_trial(values)
    done = hpo("worker", "--study", study_name, timeout_s=900)
    assert done.returncode == 0, done.stderr
    trials = optuna.load_study(study_name=study_name, storage=storage).trials
    assert [trial.user_attrs["batch_size"] for trial in trials] == [128, 4096]
    for trial in trials:
        assert trial.state is TrialState.COMPLETE
        assert trial.user_attrs["budget_compilations"] == 0
        assert trial.user_attrs["total_gradient_steps"] > 0
        assert trial.user_attrs["n_episodes"] == 4
        assert (trial.user_attrs["curriculum_level"] is None) == (name == "sac-speed")
        assert trial.value == trial.user_attrs["mean_return" if objective == "return" else "curriculum_level"]


def test_every_built_in_study_names_a_task_and_a_physics_that_isaac_lab_has() -> None:
    checks = [
        config.environment("cpu", ()).model_dump_json()
        for path in builtin_studies().values()
        if (config := load_study_config(path, {})).backend == "isaaclab"
    ]
    # In a process of its own: importing the tasks here would bring Isaac Lab's warnings and settings to other tests.
    script = (
        "import sys; import isaaclab_tasks\n"
        "from objectives.environments.isaaclab_backend import _task_config\n"
        "from objectives.run_spec import EnvironmentSpec\n"
        "for line in sys.argv[1:]:\n"
        "    spec = EnvironmentSpec.model_validate_json(line)\n"
        "    levels = getattr(_task_config(spec, 0).curriculum, 'terrain_levels', None)\n"
        "    assert (levels is None) == ('Flat' in spec.task), spec.task\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *checks], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(checks) == 12


def test_bounds_are_measured_with_isaac_labs_own_ppo_in_an_unbounded_space(hpo: Hpo, tmp_path: Path) -> None:
    out = tmp_path / "cartpole.yaml"
    short = ("--n-envs", "320", "--budget", "5m", "--max-steps", "10240")
    done = hpo("bounds", "--task", "Isaac-Cartpole-Direct", *short, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    content = yaml.safe_load(out.read_text())
    measured = content["provenance"]
    assert measured["policy"] == "PPO with Isaac Lab's settings for the task"
    given = {name: measured["hyperparameters"][name] for name in ("n_steps", "n_epochs", "batch_size", "policy_kwargs")}
    network = {"net_arch": [32, 32], "activation_fn": "elu", "squash_output": False}
    assert given == {"n_steps": 16, "n_epochs": 20, "batch_size": 4096, "policy_kwargs": network}
    assert measured["recorded_steps"] == 64_000
    # After two rollouts it still explores nearly as at the start, with a standard deviation of 1.
    reach = 1.96 * measured["exploration_std"][0]
    assert content["low"][0] == pytest.approx(-reach, abs=0.5)
    assert content["high"][0] == pytest.approx(reach, abs=0.5)
    assert "unbounded" in done.stdout
    assert out.with_suffix(".png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "objective=curriculum-level"), "has no terrain curriculum"),
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
