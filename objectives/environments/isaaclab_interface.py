"""What a robot's controller must know of an Isaac Lab task, beside the names: how it makes commands of actions."""

from typing import Any

import torch

from objectives.robot_interface import RobotInterface

_PROBE = 0.5
"""An action small enough that a task does not clip it, and large enough that a scale is read from it."""


def robot_interface(task: Any) -> RobotInterface | None:
    """Of an unwrapped Isaac Lab task that is not acting yet; None of a direct task, whose own code makes commands.

    Isaac Lab's descriptors say the same, and leave it with 3.2.
    """
    manager = getattr(task, "action_manager", None)
    if manager is None:
        return None
    terms = {name: manager.get_term(name) for name in manager.active_terms}
    lines = [_line(term) for term in terms.values()]
    known = [line for line in lines if line is not None]
    affine = len(known) == len(lines)
    return RobotInterface(
        control_period_s=float(task.step_dt),
        action_terms={name: type(term).__name__ for name, term in terms.items()},
        action_scale=tuple(scale for line in known for scale in line[0]) if affine else None,
        action_offset=tuple(offset for line in known for offset in line[1]) if affine else None,
        joint_names=_joint_names(task),
    )


def _line(term: Any) -> tuple[list[float], list[float]] | None:
    """Scale and offset of each number of an action, asked of the term itself; None where its commands are no line."""
    asked = torch.zeros_like(term.raw_actions)
    below, offset, above = (_commands(term, asked + number) for number in (-_PROBE, 0.0, _PROBE))
    _commands(term, asked)
    scale = (above - below) / (2 * _PROBE)
    if scale.shape != asked[0].shape or not torch.allclose(offset + _PROBE * scale, above, atol=1e-5):
        return None
    return _rounded(scale), _rounded(offset)


def _commands(term: Any, actions: torch.Tensor) -> torch.Tensor:
    term.process_actions(actions)
    first: torch.Tensor = term.processed_actions[0].float().cpu().clone()
    return first


def _joint_names(task: Any) -> tuple[str, ...] | None:
    """Of the one robot there is."""
    robots = list(task.scene.articulations.values())
    return tuple(robots[0].joint_names) if len(robots) == 1 else None


def _rounded(numbers: torch.Tensor) -> list[float]:
    return [round(number, 6) for number in numbers.tolist()]
