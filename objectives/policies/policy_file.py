"""A trained policy as one file: how it was made, the actor's arrays, and the statistics of its observations."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper, VecNormalize

from objectives.action_bounds import BoundedActions
from objectives.environments import action_names, robot_interface
from objectives.environments.observations import observation_parts
from objectives.policies.actor_arrays import read_actor
from objectives.policies.description import Arrays, Description, pack, unpack
from objectives.run_spec import RunSpec

_ACTOR = "actor/"
_MEAN, _VARIANCE = "observation_mean", "observation_variance"


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
        low, high = bounds_in_units(env)
        clipped_to = limits_in_units(env)
        return cls(
            Description(
                run=spec.model_copy(update={"output_dir": None, "tensorboard_dir": None, "wandb": None}),
                observation_shape=env.observation_space.shape,
                observation_parts=observation_parts(env),
                action_shape=env.action_space.shape,
                action_names=action_names(env),
                action_low=tuple(low.reshape(-1).tolist()),
                action_high=tuple(high.reshape(-1).tolist()),
                interface=robot_interface(env),
                limit_low=None if clipped_to is None else tuple(clipped_to[0].reshape(-1).tolist()),
                limit_high=None if clipped_to is None else tuple(clipped_to[1].reshape(-1).tolist()),
            ),
            read_actor(agent),
            env.obs_rms.mean if isinstance(env, VecNormalize) else None,
            env.obs_rms.var if isinstance(env, VecNormalize) else None,
        )

    def as_bytes(self) -> bytes:
        """The file's content."""
        arrays: Arrays = {f"{_ACTOR}{name}": array for name, array in self.actor.items()}
        if self.observation_mean is not None and self.observation_variance is not None:
            arrays |= {_MEAN: self.observation_mean, _VARIANCE: self.observation_variance}
        return pack(self.description, arrays)

    @classmethod
    def read(cls, content: bytes, where: str) -> Self:
        """The policy in a file; `where` is for errors.

        Raises:
            ConfigurationError: It is no policy, or one of another version of hpo.
        """
        description, arrays = unpack(content, where)
        actor = {name.removeprefix(_ACTOR): array for name, array in arrays.items() if name.startswith(_ACTOR)}
        return cls(description, actor, arrays.get(_MEAN), arrays.get(_VARIANCE))


def bounds_in_units(env: VecEnv) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What of the task's action space the agent uses, in the task's units."""
    bounded = _bounded(env)
    return (env.action_space.low, env.action_space.high) if bounded is None else (bounded.low, bounded.high)


def limits_in_units(env: VecEnv) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """What actions are clipped to, in the task's units; None where the agent does that itself."""
    bounded = _bounded(env)
    return None if bounded is None else bounded.limits


def _bounded(env: VecEnv) -> BoundedActions | None:
    layer = env
    while isinstance(layer, VecEnvWrapper):
        if isinstance(layer, BoundedActions):
            return layer
        layer = layer.venv
    return None
