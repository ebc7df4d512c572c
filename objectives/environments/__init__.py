"""Vectorized environments behind one small seam: `make_vec_env`."""

import importlib
from collections.abc import Callable

import numpy as np
from stable_baselines3.common.vec_env import VecEnv

from objectives.environments.terrain import TerrainCurriculum
from objectives.errors import ConfigurationError
from objectives.robot_interface import RobotInterface
from objectives.run_spec import EnvironmentSpec
from objectives.velocity_tracking import Velocities


def terrain_curriculum(env: VecEnv) -> TerrainCurriculum | None:
    """The terrain of the environments; None where the task has no terrain curriculum."""
    curriculum: TerrainCurriculum | None = getattr(env, "terrain_curriculum", None)
    return curriculum


def curriculum_level(env: VecEnv) -> float | None:
    """Mean terrain level of the environments, 0 the easiest; None where the task has no terrain curriculum."""
    curriculum = terrain_curriculum(env)
    return None if curriculum is None else float(curriculum.levels.mean())


def action_names(env: VecEnv) -> tuple[str, ...] | None:
    """The name of each action dimension, in the environment's order; None where the task gives no names.

    For a robot these are its joints, whose order belongs to the physics backend.

    Raises:
        ConfigurationError: The task does not give each dimension a name of its own.
    """
    names: tuple[str, ...] | None = getattr(env, "action_names", None)
    if names is not None:
        dimensions = int(np.prod(env.action_space.shape or ()))
        if len(names) != dimensions:
            raise ConfigurationError(
                f"the task has {dimensions} action dimensions and {len(names)} `action_names`: {', '.join(names)}"
            )
        if len(set(names)) < len(names):
            raise ConfigurationError(f"the task's `action_names` name a dimension twice: {', '.join(names)}")
    return names


def robot_interface(env: VecEnv) -> RobotInterface | None:
    """How the task makes commands of actions; None where it does not say."""
    interface: RobotInterface | None = getattr(env, "robot_interface", None)
    return interface


def robot_velocities(env: VecEnv) -> Velocities | None:
    """What the robots are told and what they do, as the policy acts on it; None where no Isaac Lab term commands it."""
    of_task: Callable[[], Velocities | None] | None = getattr(env, "robot_velocities", None)
    return None if of_task is None else of_task()


def ending(env: VecEnv, number: int, timed_out: bool) -> str:
    """What ended the episode of environment `number` in the latest step."""
    of_task: Callable[[int, bool], str | None] | None = getattr(env, "ending", None)
    named = None if of_task is None else of_task(number, timed_out)
    return named or ("time limit" if timed_out else "terminated")


def spread_episodes(env: VecEnv) -> None:
    """Puts each environment at a random moment of its episode, where the backend can; for `random_initial_phase`."""
    spread: Callable[[], None] = env.spread_episodes
    spread()


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
        except Exception as error:
            raise ConfigurationError(f"--import {name} fails: {type(error).__name__}: {error}") from error
