"""The configuration of an Isaac Lab task: what a run sets in it, and what Isaac Lab recommends for its agent."""

import difflib
import warnings
from contextlib import suppress
from typing import Any

import gymnasium as gym

from objectives.environments.task_names import renamed_task
from objectives.errors import ConfigurationError
from objectives.run_spec import EnvironmentSpec

_SB3_CONFIGURATION = "sb3_cfg_entry_point"


def task_config(spec: EnvironmentSpec, seed: int) -> Any:
    """What Isaac Lab makes the task's environments from: its own configuration, with what the run says of it.

    Raises:
        ConfigurationError: There is no such task, or it has not what the run names.
    """
    from isaaclab_tasks.utils import parse_env_cfg

    if spec.task not in gym.registry:
        raise ConfigurationError(_unknown_task(spec.task))
    if "env_cfg_entry_point" not in gym.registry[spec.task].kwargs:
        raise ConfigurationError(f"{spec.task!r} is not an Isaac Lab task: use --backend gymnasium")
    overrides = [] if spec.physics is None else [f"physics={spec.physics}"]
    device = "cuda:0" if spec.device == "cuda" else "cpu"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # hydra's own
            cfg = parse_env_cfg(spec.task, device=device, num_envs=spec.n_envs, overrides=overrides)
    except ValueError as error:
        raise ConfigurationError(f"{spec.task} with physics={spec.physics}: {' '.join(str(error).split())}") from error
    cfg.seed = seed
    # Off in Isaac Lab: an episode that the time limit ends would go on, for the agent, with the first observation of
    # the next one.
    cfg.compute_final_obs = True
    if spec.needs_curriculum:
        _begin_on_the_easiest_level(cfg)
    for dotted, value in spec.env_kwargs.items():
        _set_field(cfg, dotted, value, spec.task)
    # Counted in the task's steps, whose length the fields above may change.
    if spec.max_episode_steps is not None and "episode_length_s" not in spec.env_kwargs:
        _limit_episodes(cfg, spec.max_episode_steps)
    if spec.command is not None:  # whatever the study's own arguments say of it
        _always_command(cfg, spec.command, spec.task)
    return cfg


def ppo_configuration(task: str) -> dict[str, Any] | None:
    """Isaac Lab's own Stable-Baselines3 configuration of the task, as its file says it; None where it has none.

    A task or an Isaac Lab that is not there has none either: making the environment says so better.
    """
    with suppress(ImportError):
        import isaaclab_tasks  # noqa: F401  (registers the tasks)
        from isaaclab_tasks.utils import load_cfg_from_registry

        if task in gym.registry and gym.registry[task].kwargs.get(_SB3_CONFIGURATION) is not None:
            return dict(load_cfg_from_registry(task, _SB3_CONFIGURATION))
    return None


def _set_field(cfg: Any, dotted: str, value: Any, task: str) -> None:
    """Sets a field of the task's configuration, as `env_kwargs: {rewards.feet_air_time.weight: 0.5}` names it."""
    *path, name = dotted.split(".")
    for part in path:
        cfg = cfg[part] if isinstance(cfg, dict) and part in cfg else getattr(cfg, part, None)
    there = (
        set(cfg) if isinstance(cfg, dict) else {key for key in vars(cfg) if not key.startswith("_")} if cfg else set()
    )
    if name not in there:
        near = difflib.get_close_matches(name, there, n=1)
        raise ConfigurationError(
            f"env_kwargs: the configuration of {task} has no field {dotted}"
            f"{f'; did you mean {near[0]}?' if near else ''}; there are {', '.join(sorted(there)) or 'none'}"
        )
    if isinstance(cfg, dict):
        cfg[name] = value
    else:
        setattr(cfg, name, value)


def _limit_episodes(cfg: Any, steps: int) -> None:
    """Ends episodes after so many steps, also of a task that had no limit."""
    cfg.episode_length_s = (steps - 0.5) * cfg.decimation * cfg.sim.dt  # Isaac Lab rounds up to whole steps
    terminations = getattr(cfg, "terminations", None)
    if terminations is None:  # a direct task, whose own code looks at the time
        return
    from isaaclab.envs import mdp
    from isaaclab.managers import TerminationTermCfg

    terms = (term for term in vars(terminations).values() if isinstance(term, TerminationTermCfg))
    if not any(term.time_out for term in terms):
        terminations.time_out = TerminationTermCfg(func=mdp.time_out, time_out=True)


def _begin_on_the_easiest_level(cfg: Any) -> None:
    """Has each robot earn its level, where the level is what a run is judged by.

    Isaac Lab begins on levels drawn from 0 to 5, and moves robots when an episode ends: a run that hardly steps would
    keep a mean of 2.5, ahead of one whose robots tried and fell.
    """
    terrain = getattr(cfg.scene, "terrain", None)
    if terrain is not None:
        terrain.max_init_terrain_level = 0


def _always_command(cfg: Any, command: tuple[float, float, float], task: str) -> None:
    """Has the task tell each robot the same, at all times."""
    from isaaclab.envs.mdp import UniformVelocityCommandCfg

    commands = getattr(cfg, "commands", None) or {}
    terms = (commands if isinstance(commands, dict) else vars(commands)).values()
    # Not one that draws from other distributions, and is derived from it all the same.
    commanded = [
        term for term in terms if isinstance(term, UniformVelocityCommandCfg) and hasattr(term.ranges, "lin_vel_x")
    ]
    if not commanded:
        raise ConfigurationError(f"--command is for tasks that command a velocity, and {task} has no such term")
    for term in commanded:
        for name, speed in zip(("lin_vel_x", "lin_vel_y", "ang_vel_z"), command, strict=True):
            setattr(term.ranges, name, (speed, speed))
        term.heading_command, term.rel_standing_envs = False, 0.0


def _unknown_task(task: str) -> str:
    new_name = renamed_task(task)
    if new_name in gym.registry:
        return f"{task} is the Isaac Lab 2.x name; in 3.0 this task is {new_name}"
    hint = "it is not registered"
    try:
        gym.spec(task)
    except gym.error.Error as error:
        hint = str(error).rstrip(".")
    return (
        f"no Isaac Lab task {task!r}: {hint}. Tasks of other packages register themselves on import (--import my_pkg)"
    )
