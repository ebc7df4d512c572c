"""Gymnasium's vectorized environments, as Stable-Baselines3 sees environments."""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvObs, VecEnvStepReturn

from objectives.errors import ConfigurationError


class GymnasiumVectorVecEnv(VecEnv):
    """A `gymnasium.vector.VectorEnv` whose environments begin a new episode in the step that ends one.

    That is what Stable-Baselines3 expects, and what SAME_STEP gives; DISABLED is told which environments to reset. In
    NEXT_STEP the step after an end is no step of the task, and would be learned from: it is refused.

    Args:
        env: The environments.
        task: For errors.
        max_episode_steps: Steps after which an episode is truncated; None: the task's own limit.

    Raises:
        ConfigurationError: The environments begin new episodes in the next step.
    """

    def __init__(self, env: gym.vector.VectorEnv[Any, Any, Any], task: str, max_episode_steps: int | None) -> None:
        mode = env.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP)
        if mode is AutoresetMode.NEXT_STEP:
            raise ConfigurationError(
                f"{task} is vectorized and resets in the step after an episode's end, which would be learned from: set "
                'metadata["autoreset_mode"] to AutoresetMode.SAME_STEP, or to DISABLED with resets by "reset_mask"'
            )
        self.env = env  # which the constructor asks
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)
        self._masked = mode is AutoresetMode.DISABLED
        self._limit = max_episode_steps
        self._lengths = np.zeros(env.num_envs, np.int64)
        self._seed: int | None = None

    @property
    def episode_limit(self) -> int | None:
        """Steps after which an episode ends; None where neither the task nor the study says."""
        spec = self.env.spec
        return self._limit or (None if spec is None else spec.max_episode_steps)

    @property
    def action_names(self) -> tuple[str, ...] | None:
        """The task's own attribute `action_names`; None where it has none."""
        names = getattr(self.env.unwrapped, "action_names", None)
        return None if names is None else tuple(names)

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Seeds the next reset."""
        self._seed = seed
        return [seed] * self.num_envs

    def reset(self) -> VecEnvObs:
        """Resets all environments."""
        observations, _ = self.env.reset(seed=self._seed)
        self._seed = None
        self._lengths[:] = 0
        return _copy(observations)

    def step_async(self, actions: NDArray[np.float32]) -> None:
        """Takes the actions for `step_wait`."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """Steps all environments; where an episode ended, the observation is the first of the next one."""
        observations, rewards, terminated, truncated, info = self.env.step(self._actions)
        observations = _copy(observations)
        self._lengths += 1
        last = observations
        ended = terminated | truncated
        over = np.zeros(self.num_envs, bool) if self._limit is None else self._lengths >= self._limit
        cut = over & ~ended
        if self._masked and (ended | cut).any():
            observations = _copy(self.env.reset(options={"reset_mask": ended | cut})[0])
        elif cut.any():
            # Nobody but the environments themselves can begin a single episode: all that go on are cut.
            cut = ~ended
            observations = _copy(self.env.reset()[0])
        dones = ended | cut
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for number in np.flatnonzero(dones).tolist():
            of_episode = last if self._masked or not ended[number] else info["final_obs"]
            limited = bool((truncated[number] or cut[number]) and not terminated[number])
            infos[number] = {"terminal_observation": _row(of_episode, number), "TimeLimit.truncated": limited}
            infos[number] |= _success(info.get("final_info", info), number)
        self._lengths[dones] = 0
        return observations, np.asarray(rewards, np.float32), dones, infos

    def close(self) -> None:
        """Closes the environments."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """The environments' common attribute."""
        return [getattr(self.env, attr_name)] * len(list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:  # noqa: ARG002
        """Sets the environments' common attribute."""
        setattr(self.env, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any) -> list[Any]:
        """Calls the environments' common method."""
        result = getattr(self.env, method_name)(*args, **kwargs)
        return [result] * len(list(self._get_indices(indices)))

    def env_is_wrapped(self, wrapper_class: type[Any], indices: VecEnvIndices = None) -> list[bool]:  # noqa: ARG002
        """Never: wrappers are for single environments."""
        return [False] * len(list(self._get_indices(indices)))


def _copy(observations: Any) -> Any:
    if isinstance(observations, dict):
        return {name: np.array(part) for name, part in observations.items()}
    return np.array(observations)


def _row(observations: Any, number: int) -> Any:
    if isinstance(observations, dict):
        return {name: part[number] for name, part in observations.items()}
    return observations[number]


def _success(info: dict[str, Any], number: int) -> dict[str, Any]:
    """What the task says about the success of an environment's episode, where it says so (`is_success`)."""
    reported = "is_success" in info and info.get("_is_success", np.ones(number + 1, bool))[number]
    return {"is_success": info["is_success"][number]} if reported else {}
