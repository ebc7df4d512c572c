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


def task_robot(task: Any) -> Any:
    """The first articulation of an unwrapped task's scene."""
    return next(iter(task.scene.articulations.values()))


def tensor_of(array: Any) -> torch.Tensor:
    """Isaac Lab gives Warp arrays that know their tensor, or tensors."""
    tensor: torch.Tensor = getattr(array, "torch", array)
    return tensor
