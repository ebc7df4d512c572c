"""What a robot's controller must know of an Isaac Lab task, beside the names: how it makes commands of actions."""

import math
from typing import Any, NamedTuple

import torch

from objectives.robot_interface import Range, RobotInterface


class _Line(NamedTuple):
    """Of each number of an action."""

    scale: list[float]
    offset: list[float]
    clip: list[Range] | None


def robot_interface(task: Any) -> RobotInterface | None:
    """Of an unwrapped Isaac Lab task; None of a direct task, whose own code makes commands.

    Isaac Lab's descriptors say the same, and leave it with 3.2.
    """
    manager = getattr(task, "action_manager", None)
    if manager is None:
        return None
    terms = {name: manager.get_term(name) for name in manager.active_terms}
    lines = [_line(term) for term in terms.values()]
    known = [line for line in lines if line is not None]
    whole = len(known) == len(lines)
    clips = [line.clip or [(None, None)] * len(line.scale) for line in known]
    return RobotInterface(
        control_period_s=float(task.step_dt),
        action_terms={name: type(term).__name__ for name, term in terms.items()},
        action_scale=tuple(scale for line in known for scale in line.scale) if whole else None,
        action_offset=tuple(offset for line in known for offset in line.offset) if whole else None,
        command_clip=tuple(clip for of_term in clips for clip in of_term)
        if whole and any(line.clip for line in known)
        else None,
        joint_names=_joint_names(task),
    )


def _line(term: Any) -> _Line | None:
    """None where a term makes commands in a way of its own, as one does that adds them to where the joints are."""
    from isaaclab.envs.mdp.actions import joint_actions as known

    if not isinstance(term, known.JointAction) or type(term).process_actions is not known.JointAction.process_actions:
        return None
    kinds = (known.JointPositionAction, known.JointVelocityAction, known.JointEffortAction)
    if type(term).apply_actions not in [kind.apply_actions for kind in kinds]:
        return None
    n = term.action_dim
    clip = None if term.cfg.clip is None else [(_limit(low), _limit(high)) for low, high in term._clip[0].tolist()]
    return _Line(_numbers(term._scale, n), _numbers(term._offset, n), clip)


def _numbers(one_or_each: float | torch.Tensor, n: int) -> list[float]:
    """Of the first environment, `n` numbers."""
    each = one_or_each[0].tolist() if isinstance(one_or_each, torch.Tensor) else [one_or_each] * n
    return [round(float(number), 6) for number in each]


def _limit(number: float) -> float | None:
    return round(number, 6) if math.isfinite(number) else None


def _joint_names(task: Any) -> tuple[str, ...] | None:
    """Of the one robot there is."""
    robots = list(task.scene.articulations.values())
    return tuple(robots[0].joint_names) if len(robots) == 1 else None
