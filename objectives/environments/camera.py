"""Seeing environments: one seam for all backends, `camera(env)`."""

from collections.abc import Sequence
from typing import Any, Protocol

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from objectives.errors import ConfigurationError

_FPS = 30.0
"""Of a Gymnasium task that does not say."""


class Camera(Protocol):
    """Pictures of all environments as they are now."""

    fps: float
    """Steps of the task a second."""

    def pictures(self) -> NDArray[np.uint8]:
        """Shape `(num_envs, height, width, 3)`."""


def camera(env: VecEnv, task: str) -> Camera:
    """The camera of environments that were made with `EnvironmentSpec.film`.

    Raises:
        ConfigurationError: They have none.
    """
    there: Camera | None = getattr(env, "camera", None)
    if there is None:
        raise ConfigurationError(f"{task} cannot be filmed: its environments have no camera")
    return there


class GymnasiumCamera:
    """Pictures by Gymnasium's `rgb_array`.

    Args:
        envs: Made with that render mode.
    """

    def __init__(self, envs: Sequence[gym.Env[Any, Any]]) -> None:
        self._envs = envs
        self.fps = float(envs[0].metadata.get("render_fps", _FPS))

    def pictures(self) -> NDArray[np.uint8]:
        """Shape `(num_envs, height, width, 3)`.

        Raises:
            ConfigurationError: The task draws none.
        """
        try:
            pictures = np.stack([np.asarray(env.render(), np.uint8) for env in self._envs])
        except gym.error.DependencyNotInstalled as error:
            raise ConfigurationError(f"the task's pictures need a package that is not installed: {error}") from error
        except (ValueError, TypeError) as error:
            raise ConfigurationError(f"the task gives no picture by rgb_array ({error})") from error
        return pictures
