"""Gymnasium tasks that go wrong in the ways that simulators do, and one that does not.

`hpo worker --import faulty_tasks` registers them. Episodes have ten steps of reward -1 and end in success.
"""

import ctypes
from typing import Any

import gymnasium as gym
import numpy as np

FUSE = 50
"""Steps of one environment before it goes wrong: well into training, past warm-up."""


class Faulty(gym.Env[Any, Any]):
    observation_space = gym.spaces.Box(-1, 1, (3,))
    action_space = gym.spaces.Box(-1, 1, (1,))

    def __init__(self, fault: str) -> None:
        self.age, self.steps, self.fault = 0, 0, fault

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.steps = 0
        return np.zeros(3, np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.age += 1
        self.steps += 1
        if self.age == FUSE:
            print(f"about to {self.fault}", flush=True)
            self._go_wrong()
        reward = np.nan if self.fault == "diverge" and self.age > FUSE else -1.0
        return np.zeros(3, np.float32), reward, self.steps == 10, False, {"is_success": True}

    def _go_wrong(self) -> None:
        match self.fault:
            case "raise":
                raise RuntimeError("the simulator gave up")
            case "segfault":
                ctypes.string_at(0)
            case "hang":
                # A C call that does not let go of the interpreter: no Python signal handler would run any more.
                while True:
                    ctypes.PyDLL(None).sleep(10_000)
            case "devour":
                devoured = [bytearray(10**7) for _ in range(1000)]
                raise RuntimeError(f"{len(devoured)} pieces of memory, and nobody minds")


for name in ("raise", "segfault", "hang", "devour", "diverge", "nothing"):
    gym.register(f"{name.capitalize()}-v0", Faulty, kwargs={"fault": name}, max_episode_steps=1000)
