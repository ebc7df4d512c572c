"""A window that shows environments while they are stepped."""

from typing import Protocol

from stable_baselines3.common.vec_env import VecEnv

from objectives.errors import ConfigurationError


class Viewer(Protocol):
    """A window that draws each step by itself."""

    fps: float
    """Steps of the task a second."""

    def look(self) -> None:
        """Turns to where the first robot is now."""

    def is_open(self) -> bool:
        """Whether nobody has closed the window yet."""


def viewer(env: VecEnv, task: str) -> Viewer:
    """The window of environments that were made with `EnvironmentSpec.viewer`.

    Raises:
        ConfigurationError: They have none.
    """
    there: Viewer | None = getattr(env, "viewer", None)
    if there is None:
        raise ConfigurationError(f"--viewer is for Isaac Lab's tasks, and {task} is none: --video films it")
    return there
