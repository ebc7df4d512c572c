"""A camera that follows each robot of an Isaac Lab task, kit-less and on a CPU too."""

from typing import Any

import isaaclab.sim as sim_utils
import numpy as np
import torch
from isaaclab.sensors import CameraCfg
from isaaclab_newton.renderers import NewtonWarpRendererCfg
from numpy.typing import NDArray

_NAME = "film_camera"
_WIDTH, _HEIGHT = 480, 320
_EYE = (1.6, -1.6, 0.9)
"""Metres from the robot: from its front right, a little above, as far as shows a quadruped whole."""
_COMMAND = "base_velocity"
"""What Isaac Lab's velocity tasks call their command: forward, sideways [m/s], and turning [rad/s]."""


def add_camera(cfg: Any) -> None:
    """Adds a camera to the scene of a task's configuration, drawn by Newton's Warp renderer."""
    camera = CameraCfg(
        prim_path=f"{{ENV_REGEX_NS}}/{_NAME}",
        data_types=["rgb"],
        spawn=sim_utils.PinholeCameraCfg(focal_length=24.0, clipping_range=(0.05, 100.0)),
        width=_WIDTH,
        height=_HEIGHT,
        renderer_cfg=NewtonWarpRendererCfg(enable_shadows=True),
    )
    setattr(cfg.scene, _NAME, camera)


class FilmCamera:
    """The camera of `add_camera`, which follows the task's first robot.

    Args:
        task: The unwrapped task.
    """

    def __init__(self, task: Any) -> None:
        self._task = task
        self._camera = task.scene[_NAME]
        self._robot = task_robot(task)
        self.fps = 1.0 / float(task.step_dt)

    def pictures(self) -> NDArray[np.uint8]:
        """Shape `(num_envs, height, width, 3)`."""
        robots = tensor_of(self._robot.data.root_pos_w).clone()
        self._camera.set_world_poses_from_view(robots + robots.new_tensor(_EYE), robots)
        # Drawn once a step, when it is first asked for: after it has moved.
        self._camera.update(0.0, force_recompute=True)
        pictures: NDArray[np.uint8] = tensor_of(self._camera.data.output["rgb"])[..., :3].cpu().numpy().copy()
        return pictures

    def caption(self, number: int) -> str:
        """Commanded and actual velocity, of a task that commands one."""
        manager = getattr(self._task, "command_manager", None)
        if manager is None or _COMMAND not in manager.active_terms:
            return ""
        commanded = tensor_of(manager.get_command(_COMMAND))[number]
        forward, sideways, _ = tensor_of(self._robot.data.root_lin_vel_b)[number]
        turning = tensor_of(self._robot.data.root_ang_vel_b)[number][2]
        said = ", ".join(f"{value:+z.2f}" for value in commanded[:3])
        done = ", ".join(f"{value:+z.2f}" for value in (forward, sideways, turning))
        return f"command ({said})  velocity ({done})"


def task_robot(task: Any) -> Any:
    """The first articulation of an unwrapped task's scene."""
    return next(iter(task.scene.articulations.values()))


def tensor_of(array: Any) -> torch.Tensor:
    """Isaac Lab gives Warp arrays that know their tensor, or tensors."""
    tensor: torch.Tensor = getattr(array, "torch", array)
    return tensor
