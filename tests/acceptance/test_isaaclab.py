"""The real Isaac Lab 3.0 on the CPU, kit-less, with assets built on the spot."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import optuna
import pytest
import yaml
from optuna.storages import BaseStorage
from optuna.trial import TrialState
from optuna_dashboard._note import get_note_from_system_attrs

from hpo.hardware import Hardware, cpu_name
from hpo.runs.runner import Runner
from hpo.studies.study import create_study, get_study, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.trials.kept_policies import read_policy
from objectives.errors import ConfigurationError
from objectives.policies.policy_file import Policy
from objectives.run_result import RunResult
from objectives.run_spec import ActionBounds, EnvironmentSpec, RunSpec
from samplers import SearchSpace
from tests.conftest import Hpo
from tests.corners import corners
from tests.films import frames_of

pytestmark = pytest.mark.usefixtures("asset_root")

A1_OBSERVES = {
    "base_lin_vel": 3, "base_ang_vel": 3, "projected_gravity": 3, "velocity_commands": 3, "joint_pos": 12,
    "joint_vel": 12, "actions": 12,
}  # fmt: skip


@pytest.fixture(scope="module")
def runner(home: Path, asset_root: None) -> Iterator[Runner]:
    """A runner that starts Isaac Lab once for all who use it."""
    hardware = Hardware("cpu", cpu_name(), driver=None, gpu_uuid=None)
    with closing(Runner(hardware, home / "cache", home / "logs" / "isaaclab.log")) as runner:
        yield runner


def train_cartpole(runner: Runner, max_steps: int) -> RunResult:
    spec = RunSpec(
        environment=EnvironmentSpec(
            backend="isaaclab", task="Isaac-Cartpole-Direct", n_envs=256, action_bounds=ActionBounds(low=-1, high=1)
        ),
        hyperparameters={
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
        seed=1,
        eval_seed=2,
        budget_s=300,
        max_steps=max_steps,
        n_eval_episodes=64,
    )
    return runner.run(spec, lambda _: True, lambda: False)


@pytest.mark.takes(50)
def test_cartpole_trains_and_beats_the_untrained_policy(runner: Runner) -> None:
    untrained, trained = train_cartpole(runner, 256), train_cartpole(runner, 80_000)
    assert untrained.total_gradient_steps == 0
    assert trained.budget_compilations == 0
    assert trained.evaluation is not None
    assert untrained.evaluation is not None
    assert trained.evaluation.mean_return > 2 * untrained.evaluation.mean_return
    assert trained.evaluation.n_episodes == 64
    assert trained.startup_s < untrained.startup_s


@pytest.mark.takes(60)
def test_what_the_source_tried_without_success_trains_on_a1(runner: Runner) -> None:
    """The last setting of each built-in experiment, on small networks; its actions by the joints' own bounds."""
    at_start: dict[str, list[tuple[float, float]]] = {}
    for name in ("unbounded-policy", "growing-actions", "bounds-penalty", "kl-learning-rate"):
        config = load_study_config(builtin_studies()[name], {"n_envs": 16, "max_episode_steps": 50})
        last = {dimension: float(one.high) for dimension, one in config.search_space.dimensions.items()}
        hyperparameters = config.search_space.hyperparameters(last)
        hyperparameters["policy_kwargs"]["net_arch"] = [32, 32]
        if "target_kl" in hyperparameters:
            hyperparameters["target_kl"] = 1e-9  # each update is too large: the rate falls to the lowest there is
        spec = RunSpec(
            environment=config.environment("cpu", ()), hyperparameters={**hyperparameters, "learning_starts": 64},
            seed=1, eval_seed=2, budget_s=300, max_steps=160, n_eval_episodes=16, report_every_s=0.2,
        )  # fmt: skip
        result = runner.run(spec, lambda _: True, lambda: False)
        assert (result.diverged, result.budget_compilations) == (None, 0)
        assert result.total_gradient_steps == 6 * 32
        assert result.evaluation is not None
        used = result.actions_over_training
        assert used is not None
        assert used.start is not None
        assert config.action_bounds is not None
        assert config.action_bounds.joints is not None
        bounds = [config.action_bounds.joints[joint] for joint in result.action_names or ()]
        np.testing.assert_allclose(bounds, list(zip(used.low, used.high, strict=True)), rtol=1e-6)
        # The outer quantiles of each joint's actions, where 0 is the middle of its bounds and 1 is a bound.
        middle, half = (np.array(used.high) + used.low) / 2, (np.array(used.high) - used.low) / 2
        at_start[name] = (np.abs(np.array(used.start.quantiles)[:, [0, -1]].T - middle) / half).max(axis=0).tolist()
        if name == "kl-learning-rate":
            rates = [point.signals.learning_rate for point in result.learning_curve]
            assert rates[-1] == pytest.approx(1e-5)
            assert result.learning_curve[-1].signals.policy_kl is not None
    # Twice exp(-2) with 16 draws of each joint; a squashed policy times 0.3; one that comes near both bounds.
    assert 0.1 < np.median(at_start["unbounded-policy"]) < 0.4
    assert 0.15 < np.median(at_start["growing-actions"]) <= max(at_start["growing-actions"]) <= 0.3
    assert np.median(at_start["bounds-penalty"]) > 0.6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objective": "curriculum-level"}, "has no terrain curriculum"),
        ({"task": "Isaac-Velocity-Flat-Unitree-A1-v0"}, "in 3.0 this task is IsaacContrib-Velocity-Flat-UnitreeA1"),
        ({"task": "Isaac-Nope"}, "no Isaac Lab task 'Isaac-Nope'"),
        ({"task": "Pendulum-v1"}, "is not an Isaac Lab task"),
        ({"physics": "bullet"}, "Unknown preset(s): bullet"),
        ({"physics": "isaacsim_physx"}, "needs Isaac Sim"),
        ({"action_bounds": None}, "unbounded action space"),
        ({"env_kwargs": {"rewards.feet_air_tim.weight": 1}}, "has no field rewards.feet_air_tim.weight"),
        ({"env_kwargs": {"rewards.feet_air_time.wight": 1}}, "did you mean weight?"),
        ({"action_bounds": {"fraction": 0.03}}, "`fraction` is undefined"),
        (
            {"task": "Isaac-Cartpole-Direct"},
            "has the action dimensions slider_to_cart, and `joints`",
        ),
        (
            {"action_bounds": {"low": [-1] * 12, "high": 1}},
            "names for its action dimensions (FL_hip_joint, FL_thigh_joint, FL_calf_joint, FR_hip_joint, ",
        ),
    ],
    ids=str,
)
def test_what_cannot_run_is_refused_before_anything_is_made(
    runner: Runner, changes: dict[str, Any], message: str
) -> None:
    config = load_study_config(builtin_studies()["sac-speed"], {"n_envs": 4, **changes})
    with pytest.raises(ConfigurationError) as refused:
        runner.check(config.environment("cpu", ()), "sac", (), lambda: False)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_cannot_run_is_one_line_and_no_study(hpo: Hpo) -> None:
    done = hpo("worker", "--study", "refused", "--config", "sac-speed", "--n-envs", "4", "--task", "Isaac-Nope")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "no Isaac Lab task 'Isaac-Nope'" in done.stderr
    assert "no study 'refused'" in hpo("status", "--study", "refused").stderr


@pytest.fixture(scope="module")
def sac_speed(hpo: Hpo, asset_root: None) -> str:
    """The built-in study, with few environments and short episodes, and one trial."""
    small = (
        "--n-envs", "16", "--budget", "10s", "--set", "n_eval_episodes=8", "--set", "max_episode_steps=50",
        "--set", "baselines=[]",
    )  # fmt: skip
    done = hpo("worker", "--study", "sac-speed", *small, "--n-trials", "1", timeout_s=900)
    assert (done.returncode, done.stderr) == (0, "")
    return "sac-speed"


@pytest.mark.takes(60)
def test_sac_speed_runs_kit_less_on_unitree_a1(sac_speed: str, storage: BaseStorage) -> None:
    (trial,) = optuna.load_study(study_name=sac_speed, storage=storage).trials
    assert trial.state is TrialState.COMPLETE
    recorded = trial.user_attrs
    assert recorded["n_episodes"] == 8
    assert recorded["num_timesteps"] > 0
    assert recorded["budget_compilations"] == 0
    assert recorded["versions"]["isaaclab"] == "3.0.0"
    # By the task's own names.
    assert sum(recorded["endings"].values()) == 8
    assert set(recorded["endings"]) <= {"time_out", "base_contact"}
    assert recorded["observation_parts"] == A1_OBSERVES


@pytest.mark.takes(60)
def test_the_policy_of_an_a1_is_played_filmed_and_exported_by_names(
    sac_speed: str, hpo: Hpo, storage: BaseStorage, tmp_path: Path
) -> None:
    searched = ("--study", sac_speed, "--trial", "0")  # another test replays the study
    film, picture, policy = (tmp_path / name for name in ("a1.mp4", "actions.png", "policy.onnx"))
    asked = ("--episodes", "8", "--video", str(film), "--video-seconds", "1", "--actions", str(picture))
    done = hpo("play", *searched, *asked, "--json", timeout_s=900)
    assert (done.returncode, done.stderr) == (0, "")
    played = json.loads(done.stdout)
    (trial,) = optuna.load_study(study_name=sac_speed, storage=storage).trials
    assert played["evaluation"]["n_episodes"] == 8
    assert [use["name"] for use in played["actions"]] == trial.user_attrs["action_names"]
    low = {use["name"]: use["low"] for use in played["actions"]}
    assert low["FL_hip_joint"] == pytest.approx(-2.0)
    assert low["RR_calf_joint"] == pytest.approx(-1.7)

    frames = frames_of(film, 320, 480)
    assert len(frames) == 25
    # The camera follows the robot, and nothing else is in front of the ground.
    middle, edge = frames[:, 80:240, 120:360], frames[:, 260:, :80]
    assert middle.std(axis=(1, 2)).mean() > 3 * edge.std(axis=(1, 2)).mean()
    assert all(np.abs(one - next_).max() > 20 for one, next_ in pairwise(middle))

    done = hpo("export", *searched, "--policy", str(policy))
    assert (done.returncode, done.stderr) == (0, "")
    said = onnxruntime.InferenceSession(policy).get_modelmeta().custom_metadata_map
    assert json.loads(said["action_names"]) == trial.user_attrs["action_names"]
    assert json.loads(said["observation_parts"]) == A1_OBSERVES
    # What a controller has to do with an action: add the default joint positions of Isaac Lab's A1 to a quarter of it.
    names, joints = json.loads(said["action_names"]), json.loads(said["joint_names"])
    assert sorted(names) == sorted(joints)
    offset = dict(zip(names, json.loads(said["action_offset"]), strict=True))
    standing = {"FL_hip_joint": 0.1, "RR_hip_joint": -0.1, "FR_thigh_joint": 0.8, "RL_thigh_joint": 1.0}
    assert {name: offset[name] for name in standing} == pytest.approx(standing)
    assert {offset[name] for name in names if "calf" in name} == {-1.5}
    assert json.loads(said["action_scale"]) == [0.25] * 12
    assert (said["action_terms"], said["control_period_s"]) == ('{"joint_pos": "JointPositionAction"}', "0.02")
    assert said["physics"] == "newton_mjwarp"

    # Told to walk forward, in environments of the same policy; a name that no task has would be refused.
    done = hpo("play", *searched, "--episodes", "2", "--command", "0.5,0,0", timeout_s=900)
    assert (done.returncode, done.stderr) == (0, "")
    assert "of 0.50 m/s in the commanded direction" in done.stdout
    assert "all robots were told 0.5 m/s forward" in done.stdout

    # Whether the robots walk or stand, in the table of the best and in the trial's note.
    velocity = trial.user_attrs["velocity"]
    cell = f"{velocity['reached_speed']:z.2f} of {velocity['commanded_speed']:.2f}"
    assert cell in hpo("best", "--study", sac_speed).stdout
    of_study = storage.get_study_system_attrs(storage.get_study_id_from_name(sac_speed))
    assert f"velocity: {cell} m/s" in get_note_from_system_attrs(of_study, trial._trial_id)["body"]


@pytest.mark.takes(50)
def test_ppo_is_a_candidate_with_isaac_labs_settings_and_without_the_bounds(
    sac_speed: str, hpo: Hpo, storage: BaseStorage
) -> None:
    asked = ("--study", sac_speed, "--top", "0", "--include", "baseline:ppo", "--seeds", "1")
    done = hpo("replay", *asked, timeout_s=900)
    assert (done.returncode, done.stderr) == (0, "")
    assert "PPO with Isaac Lab's settings for the task" in " ".join(done.stdout.split())
    replay = get_study(storage, f"{sac_speed}-replay")
    (trial,) = replay.study.trials
    recorded = trial.user_attrs
    assert (recorded["n_steps"], recorded["n_minibatches"], recorded["learning_rate"]) == (24, 4, 1e-3)
    assert recorded["net_arch"] == [512, 256, 128]
    kept = Policy.read(read_policy(replay, trial), "the replay").description
    assert (kept.run.algorithm, kept.run.environment.action_bounds) == ("ppo", None)
    (searched,) = optuna.load_study(study_name=sac_speed, storage=storage).trials
    assert kept.action_names == tuple(searched.user_attrs["action_names"])


@pytest.mark.takes(100)
@pytest.mark.parametrize(
    ("name", "objective", "corner"),
    [("sac-speed", "return", "low, large batch"), ("a1-rough", "curriculum-level", "high, small batch")],
)
def test_a_corner_of_the_space_trains_on_unitree_a1(
    name: str, objective: str, corner: str, hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    # Steps, not seconds: on a slow machine none of 16 steps between two updates may fit into seconds.
    few = {
        "n_envs": 8, "budget": "5m", "max_steps": 8 * 2 * 16, "n_eval_episodes": 4, "n_trials": 1, "baselines": [],
        "objective": objective,
        "max_episode_steps": 50,
        # The first observes a dictionary of its terms.
        "env_kwargs": {
            "rewards.feet_air_time.weight": 0.5, "observations.policy.concatenate_terms": name != "sac-speed",
        },
        "search_space.fixed.learning_starts": 16, "search_space.fixed.buffer_size": 20_000,
    }  # fmt: skip
    config = load_study_config(builtin_studies()[name], few)
    opened = create_study(storage, study_name, this_definition(config, cpu_name()))
    space = config.search_space
    assert isinstance(space, SearchSpace)
    # The corner of Pendulum's `sac` does all gradient steps; more of them use the same programs.
    opened.study.enqueue_trial({**corners(space)[corner], "gradient_steps_pow": 0 if corner.startswith("low") else 6})
    done = hpo("worker", "--study", study_name, timeout_s=900)
    assert done.returncode == 0, done.stderr
    (trial,) = optuna.load_study(study_name=study_name, storage=storage).trials
    assert trial.state is TrialState.COMPLETE
    assert trial.user_attrs["batch_size"] == (4096 if corner == "low, large batch" else 128)
    assert trial.user_attrs["budget_compilations"] == 0
    assert trial.user_attrs["total_gradient_steps"] > 0
    assert trial.user_attrs["n_episodes"] == 4
    assert (trial.user_attrs["curriculum_level"] is None) == (name == "sac-speed")
    assert trial.user_attrs["observation_parts"].items() >= A1_OBSERVES.items()
    # Nobody has climbed: a level is earned.
    assert trial.value == (trial.user_attrs["mean_return"] if objective == "return" else 0.0)
    assert "of training, ended by max_steps (" in " ".join(done.stdout.split())
    of_study = storage.get_study_system_attrs(opened.study._study_id)
    assert "Training ended by `max_steps`, after " in get_note_from_system_attrs(of_study, trial._trial_id)["body"]


def test_every_built_in_study_names_a_task_and_a_physics_that_isaac_lab_has() -> None:
    checks = [
        config.environment("cpu", ()).model_dump_json()
        for path in builtin_studies().values()
        if (config := load_study_config(path, {})).backend == "isaaclab"
    ]
    # In a process of its own: importing the tasks here would bring Isaac Lab's warnings and settings to other tests.
    script = (
        "import sys; import isaaclab_tasks\n"
        "from objectives.environments.isaaclab_config import task_config\n"
        "from objectives.run_spec import EnvironmentSpec\n"
        "for line in sys.argv[1:]:\n"
        "    spec = EnvironmentSpec.model_validate_json(line)\n"
        "    levels = getattr(task_config(spec, 0).curriculum, 'terrain_levels', None)\n"
        "    assert (levels is None) == ('Flat' in spec.task), spec.task\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *checks], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(checks) == 16


def test_a_limit_of_episodes_holds_in_the_tasks_steps_however_long_these_are() -> None:
    script = (
        "import math, isaaclab_tasks\n"
        "from objectives.environments.isaaclab_config import task_config\n"
        "from objectives.run_spec import EnvironmentSpec\n"
        "def limited(**fields):\n"
        "    return EnvironmentSpec(backend='isaaclab', task='IsaacContrib-Velocity-Flat-UnitreeA1', n_envs=1,\n"
        "                           max_episode_steps=1000, env_kwargs=fields)\n"
        "for decimation in (2, 4, 8):\n"
        "    cfg = task_config(limited(decimation=decimation), 0)\n"
        "    # As Isaac Lab's ManagerBasedRLEnv counts.\n"
        "    print(math.ceil(cfg.episode_length_s / (cfg.sim.dt * cfg.decimation)))\n"
        "# A study that was stored with both; a new one is refused.\n"
        "print(task_config(limited(episode_length_s=3.0), 0).episode_length_s)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    numbers = [line for line in done.stdout.splitlines() if not line.startswith("[INFO]")]
    assert numbers == ["1000"] * 3 + ["3.0"]


def test_bounds_are_measured_with_isaac_labs_own_ppo_in_an_unbounded_space(hpo: Hpo, tmp_path: Path) -> None:
    out = tmp_path / "cartpole.yaml"
    short = ("--n-envs", "320", "--budget", "5m", "--max-steps", "10240")
    done = hpo("bounds", "--task", "Isaac-Cartpole-Direct", *short, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    content = yaml.safe_load(out.read_text())
    low, high = content["joints"]["slider_to_cart"]
    measured = content["provenance"]
    assert measured["policy"] == "PPO with Isaac Lab's settings for the task"
    given = {name: measured["hyperparameters"][name] for name in ("n_steps", "n_epochs", "batch_size", "policy_kwargs")}
    network = {"net_arch": [32, 32], "activation_fn": "elu", "squash_output": False}
    assert given == {"n_steps": 16, "n_epochs": 20, "batch_size": 4096, "policy_kwargs": network}
    assert measured["recorded_steps"] == 320 * 300  # an episode of each environment
    # After two rollouts it still explores nearly as at the start, with a standard deviation of 1.
    reach = 1.96 * measured["exploration_std"]["slider_to_cart"]
    assert low == pytest.approx(-reach, abs=0.5)
    assert high == pytest.approx(reach, abs=0.5)
    assert "unbounded" in done.stdout
    assert out.with_suffix(".png").exists()
