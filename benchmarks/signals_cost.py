"""What a point of a learning curve costs, its training signals included, of the seconds between two points.

Usage: python -m benchmarks.signals_cost (two minutes on two cores). The last line of the output is JSON.

SAC with `tuned-a1`'s networks in environments whose numbers are ready. Before each point the device is waited for, so
that what is timed is the point, and not the updates that were still being computed. Nothing of it runs between two
points: an iteration that follows a point takes as long as one that does not.
"""

import json
import statistics
import sys
import time
from typing import Any

from benchmarks.paths import RESULTS
from benchmarks.training_loop import ACTIONS, OBSERVATIONS, ready_arrays

EVERY_S = 5.0
"""`report_every`, as studies have it."""
POINTS = 40


def main() -> None:
    """Measures both sizes."""
    measured = {f"{n_envs} environments": cost(n_envs) for n_envs in (1024, 4096)}
    for name, one in measured.items():
        print(f"{name}: {one}", file=sys.stderr)
    (RESULTS / "signals_cost.json").write_text(json.dumps(measured, indent=2) + "\n")
    print(json.dumps(measured))


def cost(n_envs: int) -> dict[str, float]:
    """Milliseconds of a point, what that is of the time between two, and of iterations before and after one."""
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.vec_env import VecMonitor, VecNormalize

    from objectives.agents.factory import make_agent, wait_until_computed
    from objectives.learning_curve import LearningCurveCallback
    from objectives.timeout import TimeoutCallback

    assert (OBSERVATIONS, ACTIONS) == (48, 12)  # Unitree A1's
    env = VecNormalize(VecMonitor(ready_arrays(n_envs, 0.002)), norm_reward=False)
    hyperparameters: dict[str, Any] = {
        "learning_starts": 0, "buffer_size": 500_000, "gradient_steps": 4, "batch_size": 512,
        "policy_kwargs": {"net_arch": [512, 256, 128], "activation_fn": "elu", "layer_norm": True},
    }  # fmt: skip
    agent = make_agent("sac", hyperparameters, env, seed=0)
    timeout = TimeoutCallback(1e9)
    curve = LearningCurveCallback(timeout, 1e9, lambda _: None)
    points: list[float] = []
    iterations: dict[bool, list[float]] = {True: [], False: []}

    class EachSecondStep(BaseCallback):
        """A point in every second step; each step waits for the device, so that a step's time is its own."""

        last = 0.0
        reported = False

        def _on_step(self) -> bool:
            wait_until_computed(agent)
            now = time.perf_counter()
            iterations[self.reported].append(now - self.last)
            self.reported = not self.reported
            if self.reported:
                curve.add_point()
                points.append(time.perf_counter() - now)
            self.last = time.perf_counter()
            return True

    agent.learn(n_envs * (2 * POINTS + 10), callback=[curve, EachSecondStep(), timeout])
    point_s = statistics.median(points[5:])
    with_report, without = (statistics.median(iterations[reported][5:]) for reported in (True, False))
    return {
        "point_ms": round(1e3 * point_s, 2),
        "share_of_the_budget": round(point_s / EVERY_S, 5),
        "iteration_after_a_point_ms": round(1e3 * with_report, 2),
        "iteration_ms": round(1e3 * without, 2),
        "ratio": round(with_report / without, 3),
    }


if __name__ == "__main__":
    main()
