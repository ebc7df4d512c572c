"""What an iteration of training costs beside policy, update and simulator, and a whole iteration against plain sbx.

Usage: python -m benchmarks.training_loop [--quick]. The last line of the output is JSON.

The environment gives ready arrays of an A1's shapes, `tuned-a1`'s updates draw 32 batches of 512 after each step. For
the host's milliseconds policy and update are replaced by ready answers, and the environment's own time is taken off.
Each implementation runs in a process of its own, one after the other:

- `sbx`: plain sbx with Stable-Baselines3's VecMonitor and VecNormalize, as one writes it first;
- `0.2.0`: the classes of that version, which sampled and normalized on the host;
- `now`: the arrays stay where they are computed. `draw_ms`, its draw from the replay buffer, is work of the device and
  told apart; where the device is the CPU, it takes the same cores.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.paths import RESULTS

BEFORE = "8b9ebce"
"""The last commit whose loop ran on the host."""
OBSERVATIONS, ACTIONS = 48, 12
SHARES = (0.001, 0.02, 1.0)
"""Of the environments, whose episode ends in a step."""
ROOT = Path(__file__).parent.parent
CONFIGURATIONS: dict[str, dict[str, int]] = {
    "few gradient steps": {"n_envs": 256, "gradient_steps": 8, "batch_size": 256},
    "as tuned, a quarter": {"n_envs": 256, "gradient_steps": 32, "batch_size": 128},
    "one gradient step": {"n_envs": 16, "gradient_steps": 1, "batch_size": 64},
}
"""Of whole iterations, with networks of 128 and 128 units."""


def main() -> None:
    """Runs the implementations in turn and shows what they took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--measure", help="one implementation, in this process")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.quick)))
        return
    with tempfile.TemporaryDirectory() as folder:
        if not options.quick:
            unpack(BEFORE, Path(folder))
        places = {"sbx": ROOT, "now": ROOT} if options.quick else {"sbx": ROOT, "0.2.0": Path(folder), "now": ROOT}
        measured = {name: run(name, place, options.quick) for name, place in places.items()}
    result = {
        "host_ms": {name: one["host_ms"] for name, one in measured.items()},
        "draw_ms": measured["now"]["draw_ms"],
        "iteration_ms": {name: one["iteration_ms"] for name, one in measured.items()},
        "iteration_ratio": {
            name: round(measured["sbx"]["iteration_ms"][name] / ms, 2)
            for name, ms in measured["now"]["iteration_ms"].items()
        },
        "device": measured["now"]["device"],
    }
    show(result)
    if not options.quick:
        (RESULTS / "training_loop.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result))


def unpack(commit: str, folder: Path) -> None:
    """Puts the sources of `commit` into `folder`."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")


def run(implementation: str, place: Path, quick: bool) -> dict[str, Any]:
    """Measures in a fresh process with the sources at `place`."""
    command = [sys.executable, str(Path(__file__)), "--measure", implementation, *(["--quick"] if quick else [])]
    environment = {**os.environ, "PYTHONPATH": str(place)}
    done = subprocess.run(command, cwd=place, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measure(implementation: str, quick: bool) -> dict[str, Any]:
    """Host milliseconds by environments and share of ends, and whole iterations."""
    import jax

    host: dict[str, float] = {}
    drawn: dict[str, float] = {}
    iterations = 12 if quick else 40
    for n_envs in (1024, 4096):
        for share in SHARES[1:2] if quick else SHARES:
            name = f"{n_envs} environments, {share:.1%} end"
            host[name], drawn[name] = host_ms(implementation, n_envs, share, iterations)
    configurations = dict(list(CONFIGURATIONS.items())[:: 2 if quick else 1])
    wholes = {name: iteration_ms(implementation, quick, **sizes) for name, sizes in configurations.items()}
    return {"host_ms": host, "draw_ms": drawn, "iteration_ms": wholes, "device": str(jax.devices()[0].device_kind)}


def host_ms(implementation: str, n_envs: int, share: float, iterations: int) -> tuple[float, float]:
    """Median milliseconds of an iteration without policy, update, simulator and draw; and of its draw."""
    import jax
    import jax.numpy as jnp

    agent, env = made(implementation, n_envs, share, gradient_steps=32, batch_size=512)
    ready = jnp.zeros((n_envs, ACTIONS))
    on_host = np.zeros((n_envs, ACTIONS), np.float32)
    agent.policy._predict = lambda *_, **__: ready if implementation == "now" else on_host
    losses = (jnp.float32(0.0),) * 4
    draws = [0.0]
    if implementation == "now":
        sample = agent._sample

        def timed_sample(transitions: int) -> Any:
            started_at = time.perf_counter()
            data = jax.block_until_ready(sample(transitions))
            draws[0] += time.perf_counter() - started_at
            return data

        agent._sample = timed_sample
    agent._train = lambda *arguments: (*arguments[-4:], losses)
    laps: list[float] = []
    in_draws: list[float] = []

    def lap() -> None:
        laps.append(time.perf_counter() - env.spent_s)
        in_draws.append(draws[0])

    agent.learn((iterations + 3) * n_envs, callback=each_rollout(lap))
    own = np.diff(laps)[2:] - np.diff(in_draws)[2:]
    return round(1e3 * statistics.median(own), 2), round(1e3 * statistics.median(np.diff(in_draws)[2:]), 2)


def iteration_ms(implementation: str, quick: bool, n_envs: int, gradient_steps: int, batch_size: int) -> float:
    """Median milliseconds of a whole iteration."""
    agent, _ = made(implementation, n_envs, 0.002, gradient_steps, batch_size)
    laps: list[float] = []
    agent.learn((40 if quick else 200) * n_envs, callback=each_rollout(lambda: laps.append(time.perf_counter())))
    return round(1e3 * statistics.median(np.diff(laps)[5:]), 2)


def made(implementation: str, n_envs: int, share: float, gradient_steps: int, batch_size: int) -> tuple[Any, Any]:
    """An agent, and its environment inside Stable-Baselines3's wrappers."""
    from stable_baselines3.common.logger import Logger
    from stable_baselines3.common.vec_env import VecMonitor, VecNormalize

    if implementation == "sbx":
        from sbx import SAC
    else:
        from objectives.agents.sac import SAC
    env = ready_arrays(n_envs, share)
    agent = SAC(
        "MlpPolicy", VecNormalize(VecMonitor(env), norm_reward=False), learning_starts=0, buffer_size=500_000,
        gradient_steps=gradient_steps, batch_size=batch_size, policy_kwargs={"net_arch": [128, 128]}, seed=0,
    )  # fmt: skip
    agent.set_logger(Logger(None, []))
    return agent, env


def ready_arrays(n_envs: int, share: float) -> Any:
    """Environments whose numbers are there: on the host and, for who asks, on the device."""
    import jax.numpy as jnp
    from gymnasium import spaces
    from stable_baselines3.common.vec_env import VecEnv

    class ReadyArrays(VecEnv):
        spent_s = 0.0
        """In the environment, which is not what is measured."""

        def __init__(self) -> None:
            box = spaces.Box(-1, 1, (ACTIONS,), np.float32)
            super().__init__(n_envs, spaces.Box(-np.inf, np.inf, (OBSERVATIONS,), np.float32), box)
            rng = np.random.default_rng(0)
            self.observations = rng.normal(size=(n_envs, OBSERVATIONS)).astype(np.float32)
            self.rewards = rng.normal(size=n_envs).astype(np.float32)
            self.dones = np.arange(n_envs) < max(1, round(share * n_envs))
            ended, limited = jnp.array(self.dones), jnp.zeros(n_envs, bool)
            self.on_device = (jnp.array(self.observations), jnp.array(self.observations), jnp.array(self.rewards))
            self.ends = (ended, limited)

        def reset(self) -> np.ndarray[Any, Any]:
            return self.observations.copy()

        def step_async(self, actions: np.ndarray[Any, Any]) -> None:
            pass

        def step_wait(self) -> Any:
            started_at = time.perf_counter()
            infos: list[dict[str, Any]] = [{} for _ in range(n_envs)]
            for number in np.flatnonzero(self.dones).tolist():
                infos[number] = {"terminal_observation": self.observations[number], "TimeLimit.truncated": False}
            answer = self.observations.copy(), self.rewards.copy(), self.dones.copy(), infos
            self.spent_s += time.perf_counter() - started_at
            return answer

        def step_on_device(self, _: Any) -> Any:
            from objectives.environments.on_device import Stepped

            return Stepped(*self.on_device, *self.ends, None)

        def close(self) -> None:
            pass

        def get_attr(self, *_: Any, **__: Any) -> list[Any]:
            return [None] * n_envs

        def set_attr(self, *_: Any, **__: Any) -> None:
            pass

        def env_method(self, *_: Any, **__: Any) -> list[Any]:
            return []

        def env_is_wrapped(self, *_: Any, **__: Any) -> list[bool]:
            return [False] * n_envs

    return ReadyArrays()


def each_rollout(lap: Any) -> Any:
    """A callback that takes a lap whenever a rollout begins."""
    from stable_baselines3.common.callbacks import BaseCallback

    class Laps(BaseCallback):
        def _on_rollout_start(self) -> None:
            lap()

        def _on_step(self) -> bool:
            return True

    return Laps()


def show(result: dict[str, Any]) -> None:
    """Prints both tables."""
    console = Console(stderr=True)
    table = Table("host milliseconds an iteration", *result["host_ms"], "draw", title=result["device"])
    for name in result["host_ms"]["now"]:
        table.add_row(
            name, *(f"{one[name]:.2f}" for one in result["host_ms"].values()), f"{result['draw_ms'][name]:.2f}"
        )
    console.print(table)
    table = Table("milliseconds of a whole iteration", *result["iteration_ms"], "sbx / now")
    for name, ratio in result["iteration_ratio"].items():
        table.add_row(name, *(f"{one[name]:.2f}" for one in result["iteration_ms"].values()), f"{ratio:.2f}")
    console.print(table)


if __name__ == "__main__":
    main()
