"""A window that shows an Isaac Lab task, kit-less: Isaac Lab's own visualizer on Newton's viewer."""

from typing import Any

from isaaclab_visualizers.newton import NewtonGLVisualizerCfg

from objectives.environments.isaaclab_film import task_robot, tensor_of

_EYE = (3.0, -3.0, 1.8)
"""Metres from the first robot, at the start; whoever looks moves on from there."""


def add_viewer(cfg: Any) -> None:
    """Has the task of a configuration shown in a window."""
    cfg.sim.visualizer_cfgs = NewtonGLVisualizerCfg(window_width=1280, window_height=800)


class IsaacLabViewer:
    """The window of `add_viewer`.

    Args:
        task: The unwrapped task.
    """

    def __init__(self, task: Any) -> None:
        self._task = task
        self.fps = 1.0 / float(task.step_dt)

    def look(self) -> None:
        """Turns the camera to the first robot."""
        robot = tensor_of(task_robot(self._task).data.root_pos_w)[0].tolist()
        eye = tuple(there + away for there, away in zip(robot, _EYE, strict=True))
        self._task.sim.set_camera_view(eye, tuple(robot))

    def is_open(self) -> bool:
        """Whether nobody has closed the window yet."""
        return bool(self._task.sim.is_running())
