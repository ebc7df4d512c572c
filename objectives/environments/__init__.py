"""Vectorized environments behind one small seam: `make_vec_env`."""

import importlib

from stable_baselines3.common.vec_env import VecEnv

from objectives.errors import ConfigurationError
from objectives.run_spec import EnvironmentSpec


def curriculum_level(env: VecEnv) -> float | None:
    """Mean terrain level of the environments, 0 the easiest; None where the task has no terrain curriculum."""
    level: float | None = getattr(env, "curriculum_level", None)
    return level


def make_vec_env(spec: EnvironmentSpec, seed: int) -> VecEnv:
    """Makes the task's environments with the action space as the task defines it.

    Raises:
        ConfigurationError: The task, one of the modules to import, or the backend itself is not there.
    """
    import_tasks(spec)
    if spec.backend == "isaaclab":
        from objectives.environments import isaaclab_backend

        return isaaclab_backend.make_vec_env(spec, seed)
    from objectives.environments import gymnasium_backend

    return gymnasium_backend.make_vec_env(spec, seed)


def import_tasks(spec: EnvironmentSpec) -> None:
    """Imports the modules whose tasks register themselves.

    Raises:
        ConfigurationError: One cannot be imported.
    """
    for name in spec.imports:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ConfigurationError(f"--import {name}: {error}") from error
