"""Gymnasium tasks with one peculiarity each.

`hpo worker --import odd_tasks` registers them as `Odd/NAME-v0`. Episodes have ten steps; the reward is minus the
squared action.
"""

import os
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium import spaces

UNIT = spaces.Box(-1, 1, (3,), np.float32)
"""What most of them observe."""


class Plain(gym.Env[Any, Any]):
    """Nothing odd."""

    observation_space: spaces.Space[Any] = UNIT
    action_space: spaces.Space[Any] = spaces.Box(-1, 1, (2,), np.float32)

    def __init__(self) -> None:
        self.steps = 0
        self.observation_space = deepcopy(self.observation_space)  # which draws by itself

    def observe(self) -> Any:
        """A random observation."""
        return self.observation_space.sample()

    def rate(self, action: Any) -> Any:
        """The reward of `action`."""
        return -float(np.square(action).sum())

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self.steps = 0
        return self.observe(), {}

    def step(self, action: Any) -> Any:
        self.steps += 1
        return self.observe(), self.rate(action), False, self.steps == 10, {}


class Dictionary(Plain):
    observation_space = spaces.Dict({"pos": UNIT, "goal": spaces.Box(0, 9, (2, 2), np.int32), "t": spaces.Box(0, 1)})


class Image(Plain):
    observation_space = spaces.Box(0, 255, (36, 36, 3), np.uint8)


class Matrix(Plain):
    observation_space = spaces.Box(-1, 1, (4, 5), np.float32)


class Float64(Plain):
    observation_space = spaces.Box(-np.inf, np.inf, (3,), np.float64)
    action_space = spaces.Box(-1, 1, (2,), np.float64)


class Integers(Plain):
    observation_space = spaces.Box(0, 100, (3,), np.int64)


class MatrixAction(Plain):
    action_space = spaces.Box(-1, 1, (2, 3), np.float32)


class ScalarAction(Plain):
    action_space = spaces.Box(-1, 1, (), np.float32)


class ZeroWidthAction(Plain):
    action_space = spaces.Box(np.array([0, -1], np.float32), np.array([0, 1], np.float32))


class LopsidedAction(Plain):
    action_space = spaces.Box(np.array([0, -2], np.float32), np.array([1, 0.5], np.float32))

    def rate(self, action: Any) -> Any:
        assert self.action_space.contains(action), action
        return super().rate(action)


class Loud(Plain):
    def step(self, action: Any) -> Any:
        print("step", self.steps, "x" * 2000)
        print("\x1b[2J\x1b[31m noise \xff", file=sys.stderr)
        return super().step(action)


class OneStep(Plain):
    def step(self, action: Any) -> Any:
        return self.observe(), self.rate(action), True, False, {}


class Discrete(Plain):
    observation_space = spaces.Discrete(5)


class Pair(Plain):
    observation_space = spaces.Tuple((UNIT, UNIT))


class Nested(Plain):
    observation_space = spaces.Dict({"robot": spaces.Dict({"pos": UNIT}), "goal": UNIT})


class Scalar(Plain):
    observation_space = spaces.Box(-1, 1, (), np.float32)


class WrongShape(Plain):
    def observe(self) -> Any:
        return np.zeros(7, np.float32)


class Broadcast(Plain):
    """An observation that numpy would spread over the whole space."""

    def observe(self) -> Any:
        return np.zeros(1, np.float32)


class WrongLater(Plain):
    def observe(self) -> Any:
        return np.zeros(3 if self.steps == 0 else 4, np.float32)


class WrongPart(Plain):
    observation_space = spaces.Dict({"pos": UNIT, "goal": UNIT})

    def observe(self) -> Any:
        return {"pos": np.zeros(3, np.float32), "goal": np.zeros(2, np.float32)}


class MissingPart(Plain):
    observation_space = spaces.Dict({"pos": UNIT, "goal": UNIT})

    def observe(self) -> Any:
        return {"pos": np.zeros(3, np.float32)}


class Nothing(Plain):
    def observe(self) -> Any:
        return None


class Ragged(Plain):
    def observe(self) -> Any:
        return [[0.0], [0.0, 1.0]]


class OldReset(Plain):
    def reset(self) -> Any:  # type: ignore[override]
        return np.zeros(3, np.float32)


class BareReset(Plain):
    def reset(self, **_: Any) -> Any:
        return np.zeros(3, np.float32)


class OldStep(Plain):
    def step(self, action: Any) -> Any:
        return self.observe(), 0.0, False, {}


class ArrayReward(Plain):
    def rate(self, action: Any) -> Any:
        return np.zeros(1, np.float32)


class NoReward(Plain):
    def rate(self, action: Any) -> Any:
        return None


class ArrayEnd(Plain):
    def step(self, action: Any) -> Any:
        return self.observe(), 0.0, np.zeros(1, bool), False, {}


class RaisingInit(Plain):
    def __init__(self) -> None:
        raise RuntimeError("DISPLAY is not set")


class RaisingReset(Plain):
    def reset(self, **_: Any) -> Any:
        raise RuntimeError("cannot connect:\n  the simulator at port 5555\n  \x1b[31mrefused")


class AsksPerson(Plain):
    def reset(self, **_: Any) -> Any:
        input("press enter")


class Exits(Plain):
    def reset(self, **_: Any) -> Any:
        sys.exit(3)


class Unbounded(Plain):
    action_space = spaces.Box(np.zeros(1, np.float32), np.full(1, np.inf, np.float32))


class WideLater(Plain):
    """Its actions have no bounds once an environment was closed, after a check, and left the file of `ODD_FLAG`."""

    def __init__(self) -> None:
        super().__init__()
        self.flag = os.environ.get("ODD_FLAG")
        if self.flag is not None and Path(self.flag).exists():
            self.action_space = Unbounded.action_space

    def close(self) -> None:
        if self.flag is not None:
            Path(self.flag).touch()


class NanReset(Plain):
    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        return np.full(3, np.nan, np.float32), {}


class NanResetOnceArmed(Plain):
    """Its resets fail from the moment that somebody sets `armed`."""

    armed = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        observation, info = super().reset(seed=seed)
        return (np.full(3, np.nan, np.float32) if self.armed else observation), info


class Still(Plain):
    """Always looks the same."""

    def observe(self) -> Any:
        return np.full(3, 0.5, np.float32)


class Huge(Plain):
    def rate(self, action: Any) -> Any:
        return 1e30 * super().rate(action)


class NoLimit(Plain):
    def step(self, action: Any) -> Any:
        return self.observe(), self.rate(action), False, False, {}


class FailsEarly(Plain):
    """Like a robot that falls: while it acts at random an episode ends soon, and a good policy goes on for ever."""

    def step(self, action: Any) -> Any:
        return self.observe(), self.rate(action), bool(np.abs(action).max() > 0.5), False, {}


class Abyss(Plain):
    """Returns far below those of other tasks, and two runs in which the simulator gives a NaN.

    The file of `ODD_FLAG` has a byte for each such run.
    """

    age = 0

    def rate(self, action: Any) -> Any:
        Abyss.age += 1
        flag = Path(os.environ["ODD_FLAG"])
        faults = flag.read_text() if flag.exists() else ""
        if Abyss.age % 60 == 0 and len(faults) < 2:  # well past warm-up
            flag.write_text(f"{faults}x")
            return np.nan
        return 1e4 * (super().rate(action) - 1)


for _class in [Plain, *Plain.__subclasses__()]:
    # Abyss counts steps, and is not to be watched for a time limit.
    gym.register(f"Odd/{_class.__name__}-v0", _class, max_episode_steps=10 if _class is Abyss else None)


class Sized(Plain):
    """Takes an argument."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.observation_space = spaces.Box(-1, 1, (size,), np.float32)


class Vectorized(gym.vector.VectorEnv[Any, Any, Any]):
    """Exists only vectorized, and never ends by itself."""

    metadata: ClassVar[dict[str, Any]] = {"autoreset_mode": gym.vector.AutoresetMode.SAME_STEP}

    def __init__(self, num_envs: int = 1) -> None:
        self.num_envs = num_envs
        self.single_observation_space, self.single_action_space = UNIT, Plain.action_space

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> Any:
        return np.zeros((self.num_envs, 3), np.float32), {}

    def step(self, actions: Any) -> Any:
        never = np.zeros(self.num_envs, bool)
        return np.zeros((self.num_envs, 3), np.float32), -np.square(actions).sum(axis=1), never, never, {}


gym.register("Odd/Sized-v0", Sized)
gym.register("Odd/Vectorized-v0", vector_entry_point=Vectorized)
