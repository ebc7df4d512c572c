"""A Gymnasium task whose best actions are known: in each dimension, a quarter of the range.

`hpo bounds --import tracking_task` registers it. An episode is one step, which shows a target, uniform in [LOW, HIGH];
the reward is minus the squared distance of the action from it. So the best policy's actions are uniform in [LOW, HIGH],
while the space is Box(-4, 4).
"""

from typing import Any

import gymnasium as gym
import numpy as np

LOW = np.array([-1.0, 1.0, -2.5], np.float32)
HIGH = np.array([1.0, 3.0, -0.5], np.float32)
"""Around the middle of the space, and shifted to either side."""


class Tracking(gym.Env[Any, Any]):
    action_space = gym.spaces.Box(-4, 4, LOW.shape)
    observation_space = gym.spaces.Box(-4, 4, LOW.shape)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.target = self.np_random.uniform(LOW, HIGH).astype(np.float32)
        return self.target.copy(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        return self.target.copy(), -float(np.square(action - self.target).sum()), True, False, {}


class NamedTracking(Tracking):
    action_names = ("hip", "thigh", "calf")


class MisnamedTracking(Tracking):
    def __init__(self, names: tuple[str, ...]) -> None:
        self.action_names = names


gym.register("Tracking-v0", Tracking)
gym.register("NamedTracking-v0", NamedTracking)
gym.register("TwoNames-v0", MisnamedTracking, kwargs={"names": ("hip", "calf")})
gym.register("SameNames-v0", MisnamedTracking, kwargs={"names": ("hip", "calf", "hip")})
