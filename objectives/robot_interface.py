"""What a policy's file says of the robot beside the policy."""

from objectives.plain import Plain

Range = tuple[float | None, float | None]
"""From and to; None: without end."""


class RobotInterface(Plain):
    """How an Isaac Lab task makes commands of actions: what a robot's own controller has to do alike."""

    control_period_s: float
    """Seconds from one action to the next."""
    action_terms: dict[str, str]
    """Name -> class of the parts of an action, in their order: `{"joint_pos": "JointPositionAction"}`."""
    action_scale: tuple[float, ...] | None
    """A command is scale times action plus offset, per dimension; None where a term has a way of its own."""
    action_offset: tuple[float, ...] | None
    """Of joint positions the default ones."""
    command_clip: tuple[Range, ...] | None
    """What commands are clipped to, per dimension; None where they are not."""
    joint_names: tuple[str, ...] | None
    """The robot's joints in the simulator's order: that of observations of all joints."""
