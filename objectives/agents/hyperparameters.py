"""Hyperparameters of ours, for what a constructor takes as an object or relative to the task."""

from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.utils import LinearSchedule
from stable_baselines3.common.vec_env import VecEnv

from objectives.agents.td3 import ExplorationNoise
from objectives.errors import ConfigurationError
from objectives.own_hyperparameters import OWN_HYPERPARAMETERS

FINAL_LEARNING_RATE = 1e-5
SCHEDULE_FRACTION = 0.15
"""A linear schedule ends at this learning rate after this fraction of `max_steps` (recipes.md section 4)."""
DEFAULT_LEARNING_RATE = 3e-4
"""Of Stable-Baselines3, where a schedule is asked for and no learning rate given."""


_SCHEDULED = ("learning_rate", "clip_range", "clip_range_vf")


def _start(name: str, value: str) -> float:
    try:
        return float(value.removeprefix("lin_"))
    except ValueError:
        raise ConfigurationError(f"{name} is {value!r}: write a number, or lin_3e-4 for one that falls to 0") from None


def constructor_arguments(hyperparameters: dict[str, Any], env: VecEnv) -> dict[str, Any]:
    """`hyperparameters` with ours replaced.

    - `learning_rate_schedule`: `constant`, or `linear`: from `learning_rate` down to `FINAL_LEARNING_RATE`.
    - `ent_coef_learned`: whether the entropy coefficient is learned from the value given, or stays there.
    - `target_entropy_scale`: the target entropy is minus so many times the number of action dimensions.
    - `action_noise_std`: Gaussian exploration noise of that standard deviation, where actions reach from -1 to 1.
    - `n_minibatches`: the minibatches of one epoch; the batch size is that part of a rollout.

    And RL Baselines3 Zoo's schedules: `lin_3e-4` falls from that to 0 over all of a run's `max_steps`.

    Raises:
        ConfigurationError: One has an impossible value.
    """
    arguments = {name: value for name, value in hyperparameters.items() if name not in OWN_HYPERPARAMETERS}
    own = {name: hyperparameters[name] for name in OWN_HYPERPARAMETERS if name in hyperparameters}
    action_dim = int(np.prod(env.action_space.shape)) if isinstance(env.action_space, spaces.Box) else 1
    schedule = own.get("learning_rate_schedule", "constant")
    if schedule not in ("constant", "linear"):
        raise ConfigurationError(f"learning_rate_schedule is {schedule!r}; known are constant, linear")
    if schedule == "linear":
        start = arguments.get("learning_rate", DEFAULT_LEARNING_RATE)
        arguments["learning_rate"] = LinearSchedule(start, min(start, FINAL_LEARNING_RATE), SCHEDULE_FRACTION)
    if "ent_coef_learned" in own:
        start = str(arguments.get("ent_coef", "auto")).removeprefix("auto").removeprefix("_") or "1.0"
        arguments["ent_coef"] = f"auto_{start}" if own["ent_coef_learned"] else float(start)
    if "target_entropy_scale" in own:
        arguments["target_entropy"] = -float(own["target_entropy_scale"]) * action_dim
    if "action_noise_std" in own:
        arguments["action_noise"] = ExplorationNoise(own["action_noise_std"], env.num_envs, action_dim)
    for name in _SCHEDULED:
        value = arguments.get(name)
        if isinstance(value, str):
            arguments[name] = LinearSchedule(_start(name, value), 0.0, 1.0)
    if "n_minibatches" in own:
        rollout = env.num_envs * arguments.get("n_steps", 2048)
        if rollout < 2 * own["n_minibatches"]:
            raise ConfigurationError(
                f"{own['n_minibatches']} minibatches of a rollout of {rollout} transitions are smaller than 2: "
                "use more environments or n_steps"
            )
        arguments["batch_size"] = rollout // own["n_minibatches"]
    return arguments
