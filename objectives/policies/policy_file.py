"""A trained policy as one file: how it was made, the actor's arrays, and the statistics of its observations."""

import io
import zipfile
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper, VecNormalize

from objectives.action_bounds import BoundedActions
from objectives.environments import action_names
from objectives.environments.observations import observation_parts
from objectives.errors import ConfigurationError
from objectives.plain import Plain
from objectives.policies.actor_arrays import read_actor
from objectives.run_spec import RunSpec

Arrays = dict[str, NDArray[Any]]

POLICY_FILE = "policy.npz"
"""What it is called in the folder of one run."""

_DESCRIPTION = "description"
_ACTOR = "actor/"
_MEAN, _VARIANCE = "observation_mean", "observation_variance"


class Description(Plain):
    """How the policy was made, and what its numbers mean."""

    version: Literal[1] = 1
    """Of this format."""
    run: RunSpec
    """The training that made it."""
    observation_shape: tuple[int, ...]
    observation_parts: dict[str, int] | None = None
    """Names of the observation's parts and their lengths, in their order; None where the task gives no names."""
    action_shape: tuple[int, ...]
    action_names: tuple[str, ...] | None = None
    """Of the action dimensions, in their order; None where the task gives no names."""
    action_low: tuple[float, ...]
    """The bounds that the policy was trained with, per dimension, in the task's units."""
    action_high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A trained policy: the actor and the normalization of its observations; no critic."""

    description: Description
    actor: Arrays
    """Name -> array, as `read_actor` gives them."""
    observation_mean: NDArray[np.float64] | None
    """None where observations are not normalized."""
    observation_variance: NDArray[np.float64] | None

    @classmethod
    def of(cls, agent: BaseAlgorithm, env: VecEnv, spec: RunSpec) -> Self:
        """The policy of a trained `agent`, which acts in `env`."""
        low, high = _bounds(env)
        return cls(
            Description(
                run=spec.model_copy(update={"output_dir": None}),
                observation_shape=env.observation_space.shape,
                observation_parts=observation_parts(env),
                action_shape=env.action_space.shape,
                action_names=action_names(env),
                action_low=tuple(low.reshape(-1).tolist()),
                action_high=tuple(high.reshape(-1).tolist()),
            ),
            read_actor(agent),
            env.obs_rms.mean if isinstance(env, VecNormalize) else None,
            env.obs_rms.var if isinstance(env, VecNormalize) else None,
        )

    def as_bytes(self) -> bytes:
        """The file: numpy's compressed archive, which holds no code."""
        arrays: Arrays = {f"{_ACTOR}{name}": array for name, array in self.actor.items()}
        if self.observation_mean is not None and self.observation_variance is not None:
            arrays |= {_MEAN: self.observation_mean, _VARIANCE: self.observation_variance}
        content = io.BytesIO()
        description = np.frombuffer(self.description.model_dump_json().encode(), np.uint8)
        np.savez_compressed(content, **{_DESCRIPTION: description}, **arrays)  # type: ignore[arg-type]
        return content.getvalue()

    @classmethod
    def read(cls, content: bytes, where: str) -> Self:
        """The policy in a file.

        Args:
            content: The file's.
            where: For errors.

        Raises:
            ConfigurationError: It is no policy, or one of another version of hpo.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as archive:
                arrays: Arrays = dict(archive)
            description = Description.model_validate_json(arrays.pop(_DESCRIPTION).tobytes())
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
            raise ConfigurationError(
                f"{where} is a policy of another version of hpo (fields {fields}): use that one"
            ) from error
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ConfigurationError(f"{where} is no policy that hpo saved ({error})") from error
        return cls(
            description,
            {name.removeprefix(_ACTOR): array for name, array in arrays.items() if name.startswith(_ACTOR)},
            arrays.get(_MEAN),
            arrays.get(_VARIANCE),
        )


def _bounds(env: VecEnv) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What of the task's action space the agent uses, in the task's units."""
    layer = env
    while isinstance(layer, VecEnvWrapper):
        if isinstance(layer, BoundedActions):
            return layer.low, layer.high
        layer = layer.venv
    return env.action_space.low, env.action_space.high
