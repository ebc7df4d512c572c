"""Names of the action dimensions of Isaac Lab's tasks: the joints that they command, in the order of the actions."""

from collections import Counter
from typing import Any

_DRIVEN: dict[str, tuple[str, str | None]] = {
    "isaaclab_tasks.core.cartpole.cartpole_direct_env": ("cartpole", "_cart_dof_idx"),
    "isaaclab_tasks.core.locomotion.locomotion_direct_env": ("robot", None),
    "isaaclab_tasks.core.reorient.reorient_direct_env": ("hand", "actuated_dof_indices"),
    "isaaclab_tasks.contrib.anymal_c_direct.anymal_c_env": ("_robot", None),
    "isaaclab_tasks.contrib.humanoid_amp.humanoid_amp_env": ("robot", None),
}
"""Module whose code turns the actions of a direct task into commands -> the task's attributes that hold the
articulation and the indices of the joints; None: the actions go to all joints, in their order.

Equal numbers prove nothing: a quadcopter has four rotor joints, and four actions that are a thrust and a moment."""


def isaaclab_action_names(task: Any) -> tuple[str, ...] | None:
    """The name of each action dimension of an unwrapped Isaac Lab task; None where that is not certain.

    Joint order belongs to the physics backend, and to `cfg.scene.robot.joint_ordering`.
    """
    own = getattr(task, "action_names", None)
    if own is not None:
        return tuple(own)
    manager = getattr(task, "action_manager", None)
    return _of_direct_task(task) if manager is None else _of_terms(manager)


def _of_terms(manager: Any) -> tuple[str, ...]:
    """Terms follow one another. A name that two of them have (position and velocity of a joint) begins with the term's.

    A dimension that is no single joint's is called `term[0]`.
    """
    parts = [(term, name) for term in manager.active_terms for name in _of_term(term, manager.get_term(term))]
    count = Counter(name for _, name in parts)
    return tuple(f"{term}.{name}" if count[name] > 1 else name for term, name in parts)


def _of_term(name: str, term: Any) -> list[str]:
    from isaaclab.envs.mdp.actions.binary_joint_actions import BinaryJointAction
    from isaaclab.envs.mdp.actions.joint_actions import JointAction
    from isaaclab.envs.mdp.actions.joint_actions_to_limits import JointPositionToLimitsAction
    from isaaclab.envs.mdp.actions.tendon_actions import FixedTendonPositionAction

    # Other terms have joints as well: inverse kinematics moves six joints by six numbers that are a pose.
    of_joints = isinstance(term, JointAction | JointPositionToLimitsAction | BinaryJointAction)
    moved: list[str] = []
    if of_joints:
        moved = term._joint_names
    elif isinstance(term, FixedTendonPositionAction):
        moved = term._tendon_names
    # One number opens all joints of a gripper.
    return list(moved) if len(moved) == term.action_dim else [f"{name}[{i}]" for i in range(term.action_dim)]


def _of_direct_task(task: Any) -> tuple[str, ...] | None:
    methods = (type(task)._pre_physics_step, type(task)._apply_action)
    first, second = (_DRIVEN.get(method.__module__) for method in methods)
    if first is None or first != second:
        return None
    articulation, indices = first
    names: list[str] = getattr(task, articulation).joint_names
    if indices is not None:
        names = [names[index] for index in getattr(task, indices).tolist()]
    # A hand whose motors also pull tendons has more actions than joints.
    return tuple(names) if (len(names),) == task.single_action_space.shape else None
