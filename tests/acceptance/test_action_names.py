"""Bounds reach their joints by name, on the real Isaac Lab, whatever order the joints are in."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import optuna
import pytest
import yaml
from optuna.storages import BaseStorage
from optuna.trial import TrialState, create_trial

from hpo.hardware import Hardware, cpu_name
from hpo.reports.bounds_report import write_report
from hpo.runs.runner import Runner
from hpo.studies.study import OpenStudy, create_study, get_study, list_studies, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from objectives.bounds.recording import RecordSpec
from objectives.run_spec import EnvironmentSpec
from tests.acceptance import pushed_joints
from tests.acceptance.pushed_joints import A1, A1_PHYSX_ORDER, IMPORTS, Pushed
from tests.conftest import Hpo

pytestmark = pytest.mark.usefixtures("asset_root")

LEGS, PARTS = ("FL", "FR", "RL", "RR"), ("hip", "thigh", "calf")

PUBLISHED = {
    "FL_hip_joint": (-2.0, 1.1), "FR_hip_joint": (-0.4, 2.6), "RL_hip_joint": (-2.6, 0.7), "RR_hip_joint": (-1.3, 1.9),
    "FL_thigh_joint": (-2.2, 1.3), "FR_thigh_joint": (-1.9, 2.6), "RL_thigh_joint": (-0.7, 3.4),
    "RR_thigh_joint": (-0.4, 3.8), "FL_calf_joint": (-2.1, 3.4), "FR_calf_joint": (-2.4, 3.4),
    "RL_calf_joint": (-2.5, 1.9), "RR_calf_joint": (-1.7, 2.1),
}  # fmt: skip
"""recipes.md section 1."""

SCALE = 0.25
"""Radians of A1's joints per unit of action, recipes.md section 1."""

SMALL = {"n_envs": 8, "budget": "2s", "n_eval_episodes": 4, "n_trials": 1, "max_episode_steps": 50, "baselines": []}


@pytest.fixture(scope="module")
def pushed(asset_root: None, home: Path) -> dict[str, Pushed]:
    """Task -> what arrived at its joints."""
    done = subprocess.run([sys.executable, pushed_joints.__file__], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Isaac Lab talks, too.
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return {seen.task: seen for seen in map(Pushed.model_validate_json, lines)}


@pytest.mark.takes(60)
def test_the_order_of_the_joints_is_the_physics_backends_and_the_names_say_it(pushed: dict[str, Pushed]) -> None:
    assert pushed[A1].names == tuple(f"{leg}_{part}_joint" for leg in LEGS for part in PARTS)
    assert pushed[A1_PHYSX_ORDER].names == tuple(f"{leg}_{part}_joint" for part in PARTS for leg in LEGS)


@pytest.mark.parametrize("task", [A1, A1_PHYSX_ORDER])
def test_the_bounds_of_sac_speed_arrive_at_their_joints_in_both_orders(task: str, pushed: dict[str, Pushed]) -> None:
    seen = pushed[task]
    assert set(seen.raw) == set(PUBLISHED)
    for joint in PUBLISHED:
        expected = {name: (high if name == joint else (low + high) / 2) for name, (low, high) in PUBLISHED.items()}
        assert seen.raw[joint] == pytest.approx(expected, abs=1e-5)
        moved = {name: SCALE * action for name, action in expected.items()}
        assert seen.commanded[joint] == pytest.approx(moved, abs=1e-5)
        assert seen.articulation[joint] == pytest.approx(moved, abs=1e-5)


def test_the_names_of_direct_tasks_are_the_joints_that_move(pushed: dict[str, Pushed]) -> None:
    # 100 N per unit of action; the upper bound is 3.
    assert pushed["Isaac-Cartpole-Direct"].articulation == {
        "slider_to_cart": {"slider_to_cart": 300.0, "cart_to_pole": 0.0}
    }
    ant = pushed["Isaac-Ant-Direct"].articulation
    assert len(ant) == 8
    for dimension, efforts in ant.items():
        assert {joint for joint, effort in efforts.items() if effort != 0} == {dimension}


def test_terms_follow_one_another_and_no_name_comes_twice(pushed: dict[str, Pushed]) -> None:
    assert pushed["Cartpole-Three-Terms"].names == (
        "joint_effort.slider_to_cart", "everything.slider_to_cart", "cart_to_pole", "brake[0]",
    )  # fmt: skip


def test_of_a_term_with_a_way_of_its_own_no_scale_is_told(pushed: dict[str, Pushed]) -> None:
    interface = pushed["Cartpole-Three-Terms"].interface
    assert interface is not None
    assert interface.action_terms == {
        "joint_effort": "JointEffortAction", "everything": "JointPositionAction", "brake": "BinaryJointVelocityAction"
    }  # fmt: skip
    assert (interface.action_scale, interface.action_offset, interface.command_clip) == (None, None, None)
    assert interface.joint_names == ("slider_to_cart", "cart_to_pole")
    assert pushed["Isaac-Cartpole-Direct"].interface is None
    # Scale and offset alone would have a controller command positions around zero.
    relative = pushed["Cartpole-Relative-Term"].interface
    assert relative is not None
    assert relative.action_terms == {"joint_effort": "RelativeJointPositionAction"}
    assert (relative.action_scale, relative.action_offset) == (None, None)


@pytest.mark.takes(120)
def test_bounds_that_were_measured_in_physxs_order_serve_newtons(
    hpo: Hpo, home: Path, storage: BaseStorage, study_name: str, tmp_path: Path
) -> None:
    out = tmp_path / "a1.yaml"
    # `hpo bounds` with fewer steps than are good for measuring.
    environment = EnvironmentSpec(
        backend="isaaclab",
        task=A1_PHYSX_ORDER,
        physics="newton_mjwarp",
        n_envs=8,
        imports=IMPORTS,
        max_episode_steps=50,
    )
    spec = RecordSpec(
        environment=environment, seed=1, eval_seed=2, budget_s=300, max_steps=192, n_eval_episodes=4, steps=8,
        output_dir=str(tmp_path / "recorded"),
    )  # fmt: skip
    hardware = Hardware("cpu", cpu_name(), driver=None, gpu_uuid=None)
    with closing(Runner(hardware, home / "cache", home / "logs" / "names.log")) as runner:
        recording = runner.record(spec, lambda _: True, lambda: False)
    write_report(out, recording, spec, 2.5, hardware)
    written = yaml.safe_load(out.read_text())
    assert list(written["joints"]) == [f"{leg}_{part}_joint" for part in PARTS for leg in LEGS]

    settings = [part for name, value in SMALL.items() for part in ("--set", f"{name}={value}")]
    # What is trained does not matter here, and a sampled network may be large.
    small = tmp_path / "small.yml"
    small.write_text(
        "{learning_starts: 16, buffer_size: 20000, batch_size: 32, gradient_steps: 1, "
        "policy_kwargs: {net_arch: [32, 32]}}"
    )
    given = ("--action-bounds", str(out), "--baseline", str(small))
    arguments = ("--study", study_name, "--config", "sac-speed", *given, *settings)
    done = hpo("worker", *arguments, timeout_s=900)
    assert done.returncode == 0, done.stderr
    bounds = get_study(storage, study_name).config.action_bounds
    assert bounds is not None
    assert bounds.joints == {name: tuple(pair) for name, pair in written["joints"].items()}
    (trial,) = optuna.load_study(study_name=study_name, storage=storage).trials
    assert trial.user_attrs["action_names"] == [f"{leg}_{part}_joint" for leg in LEGS for part in PARTS]
    assert "action dimensions: FL_hip_joint, FL_thigh_joint, " in hpo("logs", "0", "--study", study_name).stdout


def searched(storage: BaseStorage, name: str, **changes: object) -> OpenStudy:
    """`sac-speed` with a finished trial, written by hand."""
    config = load_study_config(builtin_studies()["sac-speed"], {**SMALL, **changes})
    opened = create_study(storage, name, this_definition(config, cpu_name()))
    space = optuna.distributions.FloatDistribution(0.975, 0.995)
    opened.study.add_trial(
        create_trial(
            state=TrialState.COMPLETE, value=1.0, params={"gamma": 0.98}, distributions={"gamma": space},
            user_attrs={"seed": 1, "diverged": False, "num_timesteps": 1000, "hyperparameters": {"gamma": 0.98}},
        )
    )  # fmt: skip
    return opened


@pytest.mark.takes(30)
def test_a_replay_on_a_robot_with_other_joints_is_refused_and_told_what_to_give(
    hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    searched(storage, study_name, physics=None)
    done = hpo("replay", "--study", study_name, "--task", "Isaac-Ant-Direct")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "Isaac-Ant-Direct has the action dimensions front_left_leg, " in done.stderr
    assert "no dimension matches FL_hip_joint, " in done.stderr
    assert "--action-bounds" in done.stderr
    assert f"{study_name}-replay" not in list_studies(storage)


@pytest.mark.takes(30)
def test_an_older_study_with_bounds_as_a_list_is_read_but_not_run(
    hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    low, high = (list(bounds) for bounds in zip(*PUBLISHED.values(), strict=True))
    opened = searched(storage, study_name, action_bounds={"low": low, "high": high}, n_trials=2)
    assert hpo("status", "--study", study_name).returncode == 0
    done = hpo("worker", "--study", study_name)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "FL_hip_joint, FL_thigh_joint, FL_calf_joint, FR_hip_joint" in done.stderr
    assert "joints: {FL_hip_joint: [low, high], ...}" in done.stderr
    assert len(opened.study.trials) == 1
