"""Pushes single action dimensions of real robots to their bounds, and says by name what arrived.

Usage: python pushed_joints.py, with ISAACSIM_ASSET_ROOT; prints a line of JSON for each task, a `Pushed`.
"""

import numpy as np
from pydantic import BaseModel

from hpo.studies.study_config import builtin_studies, load_study_config
from objectives.action_bounds import BoundedActions
from objectives.environments import action_names, make_vec_env, robot_interface
from objectives.robot_interface import RobotInterface
from objectives.run_spec import ActionBounds, EnvironmentSpec

A1 = "IsaacContrib-Velocity-Flat-UnitreeA1"
A1_PHYSX_ORDER = "A1-Physx-Order"
IMPORTS = ("isaaclab_joint_tasks",)


class Pushed(BaseModel):
    """What one task did with +1 of one dimension at a time, the others in the middle of their bounds."""

    task: str
    names: tuple[str, ...] | None
    """Of the action dimensions."""
    interface: RobotInterface | None = None
    raw: dict[str, dict[str, float]] = {}
    """Pushed dimension -> joint -> what its action term received."""
    commanded: dict[str, dict[str, float]] = {}
    """Pushed dimension -> joint -> position command, radians from the default position."""
    articulation: dict[str, dict[str, float]] = {}
    """Pushed dimension -> joint of the articulation -> its position target in radians from the default position; of a
    direct task its effort target."""


def push_a1(task: str) -> Pushed:
    bounds = load_study_config(builtin_studies()["sac-speed"], {}).action_bounds
    spec = EnvironmentSpec(backend="isaaclab", task=task, physics="newton_mjwarp", n_envs=2, imports=IMPORTS)
    raw = make_vec_env(spec, 0)
    env = BoundedActions(raw, bounds, task)
    names = action_names(env)
    assert names is not None
    pushed = Pushed(task=task, names=names)
    env.reset()
    term = raw.unwrapped.action_manager.get_term("joint_pos")
    robot = raw.unwrapped.scene["robot"]
    for dimension, name in enumerate(names):
        actions = np.zeros((2, len(names)), np.float32)
        actions[:, dimension] = 1
        env.step(actions)
        default = dict(zip(robot.joint_names, robot.data.default_joint_pos.torch[0].tolist(), strict=True))
        target = dict(zip(robot.joint_names, robot.data.joint_pos_target.torch[0].tolist(), strict=True))
        command = dict(zip(term._joint_names, term.processed_actions[0].tolist(), strict=True))
        pushed.raw[name] = dict(zip(term._joint_names, term.raw_actions[0].tolist(), strict=True))
        pushed.commanded[name] = {joint: command[joint] - default[joint] for joint in command}
        pushed.articulation[name] = {joint: target[joint] - default[joint] for joint in target}
    env.close()
    return pushed


def push_direct(task: str, articulation: str, bounds: ActionBounds) -> Pushed:
    raw = make_vec_env(EnvironmentSpec(backend="isaaclab", task=task, n_envs=2), 0)
    env = BoundedActions(raw, bounds, task)
    names = action_names(env)
    assert names is not None
    pushed = Pushed(task=task, names=names, interface=robot_interface(raw))
    env.reset()
    robot = raw.unwrapped.scene[articulation]
    for name, actions in zip(names, np.eye(len(names), dtype=np.float32), strict=True):
        env.step(np.stack([actions, actions]))
        effort = robot.data.joint_effort_target.torch[0].tolist()
        pushed.articulation[name] = dict(zip(robot.joint_names, effort, strict=True))
    env.close()
    return pushed


def names_of(task: str) -> Pushed:
    env = make_vec_env(EnvironmentSpec(backend="isaaclab", task=task, n_envs=2, imports=IMPORTS), 0)
    pushed = Pushed(task=task, names=action_names(env), interface=robot_interface(env))
    env.close()
    return pushed


if __name__ == "__main__":
    for seen in (
        push_a1(A1),
        push_a1(A1_PHYSX_ORDER),
        push_direct("Isaac-Cartpole-Direct", "cartpole", ActionBounds(joints={"slider_.*": (-2, 3)})),
        push_direct("Isaac-Ant-Direct", "robot", ActionBounds(low=-1, high=1)),
        names_of("Cartpole-Three-Terms"),
        names_of("Cartpole-Relative-Term"),
    ):
        print(seen.model_dump_json(), flush=True)
