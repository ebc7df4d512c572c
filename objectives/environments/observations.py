"""Which observations an agent here can see: numbers in one array; those of a dictionary are put side by side."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs, VecEnvStepReturn

from objectives.environments.on_device import Stepped, step_on_device
from objectives.errors import ConfigurationError

_REGISTER_FLAT = "register it with additional_wrappers=(gymnasium.wrappers.FlattenObservation.wrapper_spec(),)"


def refuse_observations(space: spaces.Space[Any], task: str) -> None:
    """Raises a `ConfigurationError` unless `space` is a Box, or a dictionary of Boxes."""
    if isinstance(space, spaces.Box):
        if space.shape == ():
            raise ConfigurationError(
                f"{task} observes a single number without a shape: give its observation space and its observations the "
                "shape (1,)"
            )
        return
    if not isinstance(space, spaces.Dict):
        raise ConfigurationError(
            f"{task} has a {type(space).__name__} observation space; the agents here see numbers (a Box, or a Dict of "
            f"Boxes): {_REGISTER_FLAT}, which makes one vector of it"
        )
    for name, part in space.items():
        if not isinstance(part, spaces.Box):
            raise ConfigurationError(
                f"{task} observes a dictionary whose part {name!r} is a {type(part).__name__} space; the agents here "
                f"see numbers (a Box, or a Dict of Boxes): {_REGISTER_FLAT}, which makes one vector of it"
            )


def observation_parts(env: VecEnv) -> dict[str, int] | None:
    """The parts of the observation vector, in their order, with their lengths; None where they have no names."""
    parts: dict[str, int] | None = getattr(env, "observation_parts", None)
    return parts


class FlatObservations(VecEnvWrapper):
    """Shows dictionary observations as one vector: `(num_envs, sum of the parts' sizes)`.

    The parts lie side by side in the order of the space, each flattened, as `gymnasium.wrappers.FlattenObservation`
    puts them, and as sbx's MultiInputPolicy does inside. Before the agent and not in it, since the replay buffer of
    n-step returns and sbx's PPO take no dictionaries.

    Args:
        venv: Environments that observe a `Dict` of `Box`es.
    """

    def __init__(self, venv: VecEnv) -> None:
        assert isinstance(venv.observation_space, spaces.Dict)
        parts = venv.observation_space.spaces
        super().__init__(
            venv,
            spaces.Box(
                np.concatenate([part.low.reshape(-1).astype(np.float32) for part in parts.values()]),
                np.concatenate([part.high.reshape(-1).astype(np.float32) for part in parts.values()]),
                dtype=np.float32,
            ),
        )
        self.observation_parts = {name: int(np.prod(part.shape)) for name, part in parts.items()}

    def reset(self) -> VecEnvObs:
        """Resets all environments."""
        return self._flat(self.venv.reset(), self.num_envs)

    def step_wait(self) -> VecEnvStepReturn:
        """The environments' step, with last observations flat as well."""
        observations, rewards, dones, infos = self.venv.step_wait()
        for info in infos:
            if isinstance(info.get("terminal_observation"), dict):
                info["terminal_observation"] = self._flat(info["terminal_observation"], 1)[0]
        return self._flat(observations, self.num_envs), rewards, dones, infos

    def step_on_device(self, actions: jax.Array) -> Stepped:
        """The environments' step, with last observations flat as well."""
        step = step_on_device(self.venv, actions)
        return step._replace(
            observations=_side_by_side(tuple(step.observations[name] for name in self.observation_parts)),
            last_observations=_side_by_side(tuple(step.last_observations[name] for name in self.observation_parts)),
        )

    def _flat(self, observations: Any, rows: int) -> NDArray[np.float32]:
        parts = [np.asarray(observations[name], np.float32).reshape(rows, -1) for name in self.observation_parts]
        return np.concatenate(parts, axis=1)


@jax.jit
def _side_by_side(parts: tuple[jax.Array, ...]) -> jax.Array:
    return jnp.concatenate([part.astype(jnp.float32).reshape(part.shape[0], -1) for part in parts], axis=1)
