"""A task of your own: an arm with two joints reaches for a point."""

from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

LENGTHS = np.array([0.5, 0.4])


class Reach(gym.Env[NDArray[np.float32], NDArray[np.float32]]):
    """The actions are joint velocities; the reward is minus the distance of the hand from the target."""

    action_space = gym.spaces.Box(-1, 1, (2,), np.float32)
    observation_space = gym.spaces.Box(-np.inf, np.inf, (6,), np.float32)
    action_names = ("shoulder", "elbow")  # optional: action bounds can then be given by name

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        super().reset(seed=seed)
        self.joints = self.np_random.uniform(-np.pi, np.pi, 2)
        self.target = self.np_random.uniform(-0.6, 0.6, 2)
        return self._observation(), {}

    def step(self, action: NDArray[np.float32]) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        self.joints = self.joints + 0.2 * action
        distance = float(np.linalg.norm(self._hand() - self.target))
        return self._observation(), -distance, False, False, {"is_success": distance < 0.05}

    def _hand(self) -> NDArray[np.float64]:
        angles = np.cumsum(self.joints)
        return np.array([LENGTHS @ np.cos(angles), LENGTHS @ np.sin(angles)])

    def _observation(self) -> NDArray[np.float32]:
        return np.concatenate([np.cos(self.joints), np.sin(self.joints), self._hand() - self.target]).astype(np.float32)


gym.register("Reach-v0", Reach, max_episode_steps=50)
