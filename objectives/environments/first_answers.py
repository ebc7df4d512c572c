"""What a Gymnasium task answers to its first reset and step, held against its spaces and Gymnasium's interface."""

import inspect
from collections.abc import Mapping
from typing import Any, Never

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from objectives.environments.observations import refuse_observations
from objectives.errors import ConfigurationError

_STEP_ANSWERS = 5
_NUMBERS = "biuf"
"""Kinds of numpy types: bool, integers, floats."""


class CheckedFirstAnswers(gym.Wrapper[Any, Any, Any, Any]):
    """Checks the first answers of `env` and passes on all others as they are: a check of each would take time.

    Stands in for Gymnasium's own passive checker, which warns of most of it, where the agent would fail later or, with
    an observation that numpy can broadcast, learn from something else.

    Raises:
        ConfigurationError: From `reset` and `step`: an answer does not have the form, or the shape, that it must have.
    """

    def __init__(self, env: gym.Env[Any, Any], task: str) -> None:
        refuse_observations(env.observation_space, task)
        super().__init__(env)
        self._task = task
        self._reset_checked = False
        self._step_checked = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Resets the task."""
        if self._reset_checked:
            return self.env.reset(seed=seed, options=options)
        self._refuse_old_reset()
        answer: Any = self.env.reset(seed=seed, options=options)
        if not isinstance(answer, tuple) or len(answer) != 2 or not isinstance(answer[1], dict):  # noqa: PLR2004
            self._refuse("its reset does not give (observation, info), as Gymnasium's does; Gym's old one gave the "
                         "observation alone")  # fmt: skip
        self._refuse_observation("reset", answer[0])
        self._reset_checked = True
        return answer

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Steps the task."""
        if self._step_checked:
            return self.env.step(action)
        answer: Any = self.env.step(action)
        if not isinstance(answer, tuple) or len(answer) != _STEP_ANSWERS:
            self._refuse("its step does not give (observation, reward, terminated, truncated, info), as Gymnasium's "
                         "does; Gym's old one gave four")  # fmt: skip
        observation, reward, terminated, truncated, info = answer
        self._refuse_observation("step", observation)
        if np.shape(reward) != () or np.asarray(reward).dtype.kind not in _NUMBERS:
            self._refuse(f"its step gives {_described(reward)} as the reward: give one number, as in float(reward)")
        for name, flag in (("terminated", terminated), ("truncated", truncated)):
            if np.shape(flag) != () or not isinstance(flag, bool | np.bool_ | int | np.ndarray):
                self._refuse(f"its step gives {_described(flag)} as {name}: give a bool")
        if not isinstance(info, dict):
            self._refuse(f"its step gives {_described(info)} as the info: give a dictionary")
        self._step_checked = True
        return answer

    def _refuse_old_reset(self) -> None:
        parameters = inspect.signature(self.env.unwrapped.reset).parameters
        if "seed" not in parameters and not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            self._refuse("its reset takes no seed, as in old Gym: Gymnasium's is reset(self, *, seed=None, options="
                         "None) and gives (observation, info)")  # fmt: skip

    def _refuse_observation(self, method: str, observation: Any) -> None:
        space = self.env.observation_space
        if not isinstance(space, spaces.Dict):
            self._refuse_array(f"its {method} gives", space, observation)
            return
        if not isinstance(observation, Mapping) or set(observation) != set(space.keys()):
            answer = (
                f"the parts {', '.join(map(str, observation))}" if isinstance(observation, Mapping) else "no mapping"
            )
            self._refuse(f"its {method} gives {answer} as the observation; its space has {', '.join(space.keys())}")
        for name, part in space.items():
            self._refuse_array(f"in part {name!r} its {method} gives", part, observation[name])

    def _refuse_array(self, who: str, space: spaces.Space[Any], observation: Any) -> None:
        try:
            array = np.asarray(observation)
        except ValueError:  # rows of different lengths
            self._refuse(f"{who} {_described(observation)} as the observation, not an array")
        if array.dtype.kind not in _NUMBERS:
            self._refuse(f"{who} {_described(observation)} as the observation, not an array of numbers")
        if array.shape != space.shape:
            self._refuse(f"{who} an observation of shape {array.shape}, and its observation space says {space.shape}")

    def _refuse(self, what: str) -> Never:
        raise ConfigurationError(f"{self._task} cannot be trained on: {what}")


def _described(answer: Any) -> str:
    return f"an array of shape {answer.shape}" if isinstance(answer, np.ndarray) else f"a {type(answer).__name__}"
