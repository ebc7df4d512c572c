"""A PPO from a file: Stable-Baselines3's or sbx's zip, with its normalization statistics if they lie beside it."""

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import sbx
import stable_baselines3
from gymnasium import spaces
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from objectives.environments.observations import FlatObservations
from objectives.errors import ConfigurationError


def load_ppo(path: Path, env: VecEnv, task: str) -> tuple[OnPolicyAlgorithm, VecEnv]:
    """The PPO in `path`, and `env` as it acts in it: dictionary observations are one vector if it was trained so.

    Loading runs code of the file: only load what you trust.

    Raises:
        ConfigurationError: The file holds no PPO, or one for other observations or actions.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            data = json.loads(archive.read("data"))
            by_torch = "policy.pth" in archive.namelist()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ConfigurationError(f"{path} is not a model that Stable-Baselines3 or sbx saved ({error})") from error
    if "clip_range" not in data:
        raise ConfigurationError(f"{path} does not hold a PPO: only its Gaussian policy shows which actions are needed")
    try:
        agent: OnPolicyAlgorithm = (stable_baselines3.PPO if by_torch else sbx.PPO).load(path)
    except (AttributeError, ImportError, KeyError, RuntimeError, TypeError, ValueError, pickle.PickleError) as error:
        raise ConfigurationError(f"{path} cannot be loaded with the versions installed here: {error}") from error
    if isinstance(env.observation_space, spaces.Dict) and not isinstance(agent.observation_space, spaces.Dict):
        env = FlatObservations(env)
    for what, of_model, of_task in (
        ("observations", agent.observation_space, env.observation_space),
        ("actions", agent.action_space, env.action_space),
    ):
        if _shape(of_model) != _shape(of_task):
            raise ConfigurationError(
                f"{path} is for another task: its {what} have the shape {_shape(of_model)}, those of {task} "
                f"{_shape(of_task)}"
            )
    agent.set_logger(Logger(folder=None, output_formats=[]))
    return agent, env


def with_saved_statistics(model: Path, env: VecEnv) -> tuple[VecEnv, Path | None]:
    """`env` with the normalization statistics that were saved beside `model`, frozen, and their file; or as it is."""
    for path in _statistics_files(model):
        if path.exists():
            try:
                normalized = VecNormalize.load(str(path), env)
            except (AssertionError, AttributeError, EOFError, ImportError, ValueError, pickle.PickleError) as error:
                raise ConfigurationError(f"{path} holds no statistics for this task: {error}") from error
            normalized.training = False
            normalized.norm_reward = False
            return normalized, path
    return env, None


def _statistics_files(model: Path) -> list[Path]:
    """Where `hpo train`, and where Isaac Lab's script and Stable-Baselines3's checkpoints put them."""
    beside = model.stem.replace("model", "model_vecnormalize", 1) if "model" in model.stem else "model_vecnormalize"
    return [model.with_name(f"{beside}.pkl"), model.with_name("vecnormalize.pkl")]


def _shape(space: Any) -> Any:
    if isinstance(space, spaces.Dict):
        return {name: part.shape for name, part in space.items()}
    return space.shape
