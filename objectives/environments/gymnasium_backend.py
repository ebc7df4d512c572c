"""Gymnasium tasks: copies in one process or in several, or vectorized by themselves."""

from typing import Any

import gymnasium as gym
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from objectives.environments import import_tasks
from objectives.environments.camera import GymnasiumCamera
from objectives.environments.first_answers import CheckedFirstAnswers
from objectives.environments.gymnasium_processes import EnvironmentProcesses
from objectives.environments.gymnasium_vector import GymnasiumVectorVecEnv
from objectives.environments.task_names import renamed_task
from objectives.errors import ConfigurationError
from objectives.run_spec import EnvironmentSpec


class GymnasiumVecEnv(DummyVecEnv):
    """Copies of a task in one process, with the names that the task may give its action dimensions."""

    @property
    def action_names(self) -> tuple[str, ...] | None:
        """The task's own attribute `action_names`; None where it has none."""
        names = getattr(self.envs[0].unwrapped, "action_names", None)
        return None if names is None else tuple(names)

    @property
    def camera(self) -> GymnasiumCamera:
        """Sees the environments, if they were made to be filmed."""
        return GymnasiumCamera(self.envs)

    @property
    def episode_limit(self) -> int | None:
        """Steps after which an episode ends; None where neither the task nor the study says."""
        spec = self.envs[0].spec
        return None if spec is None else spec.max_episode_steps


def make_vec_env(spec: EnvironmentSpec, seed: int) -> VecEnv:
    """Makes `spec.n_envs` copies of the task, seeded `seed`, `seed + 1`, ..."""
    if spec.physics is not None:
        raise ConfigurationError(f"physics={spec.physics} is for the isaaclab backend; {spec.task} runs on gymnasium")
    try:
        gym.spec(spec.task)
    except gym.error.Error as error:
        raise ConfigurationError(_explain(spec.task, error)) from error
    try:
        env = _make_all(spec)
    except (gym.error.DependencyNotInstalled, ImportError) as error:
        raise ConfigurationError(f"{spec.task} needs a package that is not installed: {error}") from error
    except TypeError as error:
        if "argument" not in str(error):
            raise
        arguments = ", ".join(f"{name}: {value!r}" for name, value in spec.env_kwargs.items())
        raise ConfigurationError(
            f"{spec.task} does not take its arguments ({error}): give them as env_kwargs, now {{{arguments}}}"
        ) from error
    env.seed(seed)
    return env


def _make_all(spec: EnvironmentSpec) -> VecEnv:
    registered = gym.spec(spec.task)
    if spec.film and (registered.entry_point is None or spec.vectorization_mode == "async"):
        raise ConfigurationError(f"{spec.task} steps its environments together and cannot be filmed: it has no camera")
    if registered.entry_point is not None:
        if spec.vectorization_mode == "async":
            return GymnasiumVectorVecEnv(EnvironmentProcesses(spec, _make), spec.task, None)
        return GymnasiumVecEnv([lambda: _make(spec)] * spec.n_envs)
    if spec.vectorization_mode == "async":
        raise ConfigurationError(f"{spec.task} is vectorized by itself: vectorization_mode: async is for other tasks")
    mode = gym.VectorizeMode.VECTOR_ENTRY_POINT
    env = gym.make_vec(spec.task, num_envs=spec.n_envs, vectorization_mode=mode, **spec.env_kwargs)
    return GymnasiumVectorVecEnv(env, spec.task, spec.max_episode_steps)


def _make(spec: EnvironmentSpec) -> gym.Env[Any, Any]:
    import_tasks(spec)  # again: it may be another process
    seen = {"render_mode": "rgb_array"} if spec.film else {}
    kwargs = {**spec.env_kwargs, **seen}
    task = gym.make(spec.task, max_episode_steps=spec.max_episode_steps, disable_env_checker=True, **kwargs)
    return CheckedFirstAnswers(task, spec.task)


def _explain(task: str, error: gym.error.Error) -> str:
    if task.startswith("Isaac"):
        new_name = renamed_task(task)
        return f"{task} is an Isaac Lab task: use --backend isaaclab" + (f" --task {new_name}" if new_name else "")
    return (
        f"no Gymnasium task {task!r}: {str(error).rstrip('.')}. Tasks of other packages register themselves on import "
        "(--import my_pkg)"
    )
