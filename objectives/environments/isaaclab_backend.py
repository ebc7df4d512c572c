"""Isaac Lab 3.0 tasks: kit-less on Newton where the physics preset says so, Isaac Sim where the user has it."""

import math
from contextlib import ExitStack
from typing import Any

import gymnasium as gym
import jax
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv

from objectives.environments.isaaclab_action_names import isaaclab_action_names
from objectives.environments.isaaclab_config import task_config
from objectives.environments.on_device import Stepped
from objectives.environments.terrain import TerrainCurriculum
from objectives.errors import ConfigurationError
from objectives.run_spec import EnvironmentSpec
from objectives.velocity_tracking import Velocities

_process = ExitStack()
"""Holds what must live until the process ends: Isaac Sim's Kit can be started once only, and it belongs to whoever
started it, so the first environment's launcher is never closed. Kit-less runs have no launcher."""
_launched = False


def make_vec_env(spec: EnvironmentSpec, seed: int) -> VecEnv:
    """Makes the task's environments on `spec.device` as one Stable-Baselines3 vectorized environment.

    The action space is the task's own, which Isaac Lab leaves unbounded for most tasks.
    """
    try:
        import isaaclab_tasks  # noqa: F401  (registers the tasks)
        import torch
        from isaaclab.app.sim_launcher import launch_simulation
        from isaaclab_rl.sb3 import Sb3VecEnvWrapper

        from objectives.environments.isaaclab_interface import robot_interface
        from objectives.environments.torch_exchange import stepped, to_torch
    except ImportError as error:
        raise ConfigurationError(
            f"the isaaclab backend needs Isaac Lab 3.0 (pip install 'hpo[isaaclab]'): {error}"
        ) from error

    class IsaacLabVecEnv(Sb3VecEnvWrapper):
        """Isaac Lab's own wrapper, with the task's true action space, and closing what was opened for it."""

        def __init__(self, env: gym.Env[Any, Any], opened: ExitStack) -> None:
            super().__init__(env)
            # The wrapper invents [-1, 1] for an unbounded space, which would hide that bounds are missing.
            self.action_space: spaces.Space[Any] = self.unwrapped.single_action_space
            self.action_names = isaaclab_action_names(self.unwrapped)
            self.robot_interface = robot_interface(self.unwrapped)
            terms = _observation_terms(self.unwrapped)
            if terms is not None:  # those of a dictionary are named by the wrapper that flattens it
                self.observation_parts = terms
            self.terrain_curriculum = _terrain_curriculum(self.unwrapped)
            self.episode_limit = self.unwrapped.max_episode_length if _ends_by_time(self.unwrapped) else None
            self._velocity_command = _velocity_command(self.unwrapped)
            self._opened = opened
            self.camera = _film_camera(self.unwrapped) if spec.film else None
            self.viewer = _viewer(self.unwrapped) if spec.viewer else None

        def spread_episodes(self) -> None:
            """Puts each environment at a random moment of its episode, for the first episode's end only.

            As Isaac Lab does for rsl_rl (`init_at_random_ep_len`): from a reset on all episodes go on in step, and end
            together.
            """
            task = self.unwrapped
            task.episode_length_buf = torch.randint_like(task.episode_length_buf, high=int(task.max_episode_length))

        def ending(self, number: int, timed_out: bool) -> str | None:
            """The task's name of what ended the episode of an environment in the latest step; None: it has none."""
            manager: Any = getattr(self.unwrapped, "termination_manager", None)
            for name in getattr(manager, "active_terms", ()):
                if manager.get_term_cfg(name).time_out == timed_out and bool(manager.get_term(name)[number]):
                    return str(name)
            return None

        def robot_velocities(self) -> Velocities | None:
            """Of a task with a `UniformVelocityCommand`, whatever it calls that."""
            if self._velocity_command is None:
                return None
            moves = self._velocity_command.robot.data
            actual = torch.cat((moves.root_lin_vel_b.torch[:, :2], moves.root_ang_vel_b.torch[:, 2:]), dim=1)
            # A copy: the task writes over its commands. A derived term may command more than a velocity.
            commanded = self._velocity_command.command[:, :3].cpu().numpy().copy()
            return Velocities(commanded, actual.cpu().numpy())

        def step_on_device(self, actions: jax.Array) -> Stepped:
            """Isaac Lab's step; no number leaves the device if simulator and agent share one."""
            # A clone: a task may clip what it is given in place, and JAX takes its arrays for unchangeable.
            given = to_torch(actions, self.sim_device).clone()
            observations, rewards, terminated, truncated, extras = self.env.step(given)
            seen = self._parts(observations)
            # Only kept where an episode has ended, and Isaac Lab gives it then only.
            last = self._parts(extras["final_obs"]) if "final_obs" in extras else seen
            return stepped(seen, last, rewards, terminated, truncated)

        def _parts(self, observations: Any) -> Any:
            seen = observations["policy"]
            if not isinstance(seen, dict):
                return seen
            return {name: self.observation_processors.get(name, _as_it_is)(part) for name, part in seen.items()}

        def close(self) -> None:
            super().close()
            self._opened.close()

    cfg = task_config(spec, seed)
    if spec.film:
        from objectives.environments.isaaclab_film import add_camera  # Newton's renderer, which nothing else needs

        add_camera(cfg)
    if spec.viewer:
        from objectives.environments.isaaclab_viewer import add_viewer  # as that one

        add_viewer(cfg)
    opened = ExitStack()
    try:
        _launch(launch_simulation(cfg, {}), opened)
        env = gym.make(spec.task, cfg=cfg)
        return IsaacLabVecEnv(env, opened)
    except SystemExit as error:
        # Isaac Lab prints its advice and exits where Isaac Sim is needed and missing.
        raise ConfigurationError(
            f"{spec.task} with physics={spec.physics or 'default'} needs Isaac Sim, which is not installed: "
            "say --set physics=newton_mjwarp (hpo bounds: --physics newton_mjwarp), or install Isaac Sim"
        ) from error


def _as_it_is(part: Any) -> Any:
    return part


def _film_camera(task: Any) -> Any:
    from objectives.environments.isaaclab_film import FilmCamera

    return FilmCamera(task)


def _viewer(task: Any) -> Any:
    from objectives.environments.isaaclab_viewer import IsaacLabViewer

    return IsaacLabViewer(task)


def _observation_terms(task: Any) -> dict[str, int] | None:
    """What the policy's observation is made of, in its order, where a manager puts it together into one vector."""
    manager = getattr(task, "observation_manager", None)
    if manager is None or not manager.group_obs_concatenate["policy"]:
        return None
    shapes = manager.group_obs_term_dim["policy"]
    return {name: math.prod(shape) for name, shape in zip(manager.active_terms["policy"], shapes, strict=True)}


def _velocity_command(task: Any) -> Any:
    """The term that commands velocities; None where none does."""
    manager = getattr(task, "command_manager", None)
    if manager is None:
        return None
    from isaaclab.envs.mdp import UniformVelocityCommand  # that from which the others are derived

    terms = [manager.get_term(name) for name in manager.active_terms]
    return next((term for term in terms if isinstance(term, UniformVelocityCommand)), None)


def _terrain_curriculum(task: Any) -> TerrainCurriculum | None:
    """None where the terrain has no levels, or nothing moves robots between them."""
    curriculum = getattr(task.cfg, "curriculum", None)
    if curriculum is not None and getattr(curriculum, "terrain_levels", None) is None:
        return None
    terrain = getattr(task.scene, "terrain", None)
    generator = None if terrain is None else terrain.cfg.terrain_generator
    # Without the generator's own curriculum its rows are no levels, and its columns no kinds of ground.
    return TerrainCurriculum(terrain) if generator is not None and generator.curriculum else None


def _ends_by_time(task: Any) -> bool:
    """Whether the task looks at the time: those with managers have a termination term for it, or have it not."""
    manager = getattr(task, "termination_manager", None)
    return manager is None or any(manager.get_term_cfg(name).time_out for name in manager.active_terms)


def _launch(simulation: Any, opened: ExitStack) -> None:
    global _launched  # noqa: PLW0603  (one simulator a process is Isaac Sim's rule)
    (opened if _launched else _process).enter_context(simulation)
    _launched = True
