"""How PPO is trained where nobody says: as Isaac Lab configures it for the task, or by default."""

import math
from dataclasses import dataclass, replace
from typing import Any

from objectives.environments import import_tasks
from objectives.run_spec import EnvironmentSpec

_NOT_THE_AGENTS = ("seed", "n_timesteps", "device")
"""Of Isaac Lab's training script; here they are the run's own."""
_UNCLIPPED = 100.0
"""What Isaac Lab's training script clips normalized observations to where the configuration does not say."""


@dataclass(frozen=True, slots=True)
class PpoSettings:
    """Hyperparameters of `sb3-ppo`, and how the environment is wrapped for it."""

    hyperparameters: dict[str, Any]
    normalize: bool
    normalize_rewards: bool
    clip_observations: float
    source: str
    notes: tuple[str, ...] = ()
    """What could not be taken over as it was."""


def ppo_settings(environment: EnvironmentSpec) -> PpoSettings:
    """Isaac Lab's own settings for the task (`sb3_cfg_entry_point`) where it has some, else `default_settings`.

    Raises:
        ConfigurationError: A module to import is not there.
    """
    import_tasks(environment)
    if environment.backend == "isaaclab":
        from objectives.environments.isaaclab_config import ppo_configuration

        configuration = ppo_configuration(environment.task)
        if configuration is not None:
            return isaaclab_settings(configuration)
    return default_settings(environment.n_envs)


def sbx_ppo_settings(environment: EnvironmentSpec) -> PpoSettings:
    """`ppo_settings` for sbx's PPO, which begins differently from Stable-Baselines3's unless it is told not to.

    Without `ortho_init` sbx's last layer makes actions of about the size of its inputs; torch's own initialization,
    which Isaac Lab's settings count on, makes small ones (recipes.md section 4).

    Raises:
        ConfigurationError: As of `ppo_settings`.
    """
    settings = ppo_settings(environment)
    policy_kwargs = settings.hyperparameters.get("policy_kwargs", {})
    if policy_kwargs.get("ortho_init", True):
        return settings
    return replace(
        settings,
        hyperparameters={**settings.hyperparameters, "policy_kwargs": {**policy_kwargs, "ortho_init": True}},
        notes=(*settings.notes, "ortho_init is true: without it sbx's first actions are not near 0, as SB3's are"),
    )


def default_settings(n_envs: int) -> PpoSettings:
    """Isaac Lab's settings for Unitree A1, with longer rollouts where there are few environments.

    A rollout holds at least 2048 transitions, Stable-Baselines3's own default: with fewer than 86 environments,
    A1's 24 steps would be too few to learn from.
    """
    return PpoSettings(
        hyperparameters={
            "n_steps": max(24, math.ceil(2048 / n_envs)),
            "n_minibatches": 4,
            "n_epochs": 5,
            "learning_rate": 1e-3,
            "gamma": 0.99,
            "gae_lambda": 0.95,
            "clip_range": 0.2,
            "ent_coef": 0.005,
            "vf_coef": 1.0,
            "max_grad_norm": 1.0,
            "policy_kwargs": {
                "net_arch": [512, 256, 128],
                "activation_fn": "elu",
                "ortho_init": False,
                "optimizer_kwargs": {"eps": 1e-8},
            },
        },
        normalize=True,
        normalize_rewards=False,
        clip_observations=10.0,
        source="PPO with the default settings",
    )


def isaaclab_settings(configuration: dict[str, Any]) -> PpoSettings:
    """A configuration as Isaac Lab's `sb3_*_cfg.yaml` files write it, as hyperparameters of `sb3-ppo`."""
    settings = {name: value for name, value in configuration.items() if name not in _NOT_THE_AGENTS}
    normalize = bool(settings.pop("normalize_input", False))
    normalize_rewards = bool(settings.pop("normalize_value", False))
    clip_observations = float(settings.pop("clip_obs", _UNCLIPPED))
    notes = []
    for name, value in settings.items():
        if isinstance(value, str) and value.startswith("lin_"):
            settings[name] = float(value.removeprefix("lin_"))
            notes.append(
                f"{name} stays at {settings[name]:g}: {value} falls with the steps, and the clock ends this run"
            )
    if "policy_kwargs" in settings:
        settings["policy_kwargs"] = {name: _plain(value) for name, value in settings["policy_kwargs"].items()}
    return PpoSettings(
        settings, normalize, normalize_rewards, clip_observations, "PPO with Isaac Lab's settings for the task",
        tuple(notes),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """`nn.ELU` as `elu`, the name that agents here know it by."""
    return value.removeprefix("nn.").lower() if isinstance(value, str) and value.startswith("nn.") else value
