"""Whether agents learn as before where their data stay on the device: returns over seeds, on both sides.

Usage: python -m benchmarks.same_learning [SEEDS] (ten minutes for 10). Isaac-Cartpole-Direct, the same environment
steps on both sides, which run beside each other; the other side is the last commit whose loop ran on the host. Random
numbers differ, so the returns of a seed do: what is compared is their distribution. That the same random numbers give
the same updates is held by `tests/integration/test_device_rollouts.py`.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.paths import RESULTS
from benchmarks.training_loop import BEFORE, ROOT, unpack

STEPS = 80_000
RUN = """
import json, os, sys
from pathlib import Path
from benchmarks.cartpole import prepare
prepare(Path(sys.argv[1]))
os.environ["JAX_PLATFORMS"] = "cpu"
from objectives.agents.compilation import enable_compilation_cache
from objectives.run_spec import ActionBounds, EnvironmentSpec, RunSpec
from objectives.training import train_run
enable_compilation_cache(Path(sys.argv[1]) / "jax")
for seed in range(int(sys.argv[2])):
    result = train_run(RunSpec(
        environment=EnvironmentSpec(
            backend="isaaclab", task="Isaac-Cartpole-Direct", n_envs=256, action_bounds=ActionBounds(low=-1, high=1)
        ),
        hyperparameters={
            "learning_rate": 1e-3, "batch_size": 256, "gradient_steps": 16, "learning_starts": 2560, "gamma": 0.98,
            "buffer_size": 200_000, "ent_coef": "auto_0.01", "tau": 0.02,
            "policy_kwargs": {"net_arch": [64, 64], "activation_fn": "elu", "layer_norm": True},
        },
        seed=seed, eval_seed=2, budget_s=1e6, max_steps=int(sys.argv[3]), n_eval_episodes=256,
    ), lambda _: None)
    print("RESULT", json.dumps([result.evaluation.mean_return, result.training_s]), flush=True)
"""


def main() -> None:
    """Runs both sides beside each other, one core each."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        before.mkdir()
        unpack(BEFORE, before)
        sides = {
            name: subprocess.Popen(
                [sys.executable, "-c", RUN, str(Path(folder) / name.split()[0]), str(seeds), str(STEPS)],
                cwd=place, env={"PYTHONPATH": str(place), "PATH": "/usr/bin:/bin", "HOME": str(Path.home())},
                stdout=subprocess.PIPE, text=True,
            )
            for name, place in {"host": before, "device": ROOT}.items()
        }  # fmt: skip
        results = {name: read(side) for name, side in sides.items()}
    (RESULTS / "same_learning.json").write_text(json.dumps({"steps": STEPS, "sides": results}, indent=2) + "\n")
    for name, runs in results.items():
        print(f"{name:8} {interval([run['mean_return'] for run in runs])}")


def read(side: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """The runs of one side."""
    out, _ = side.communicate()
    assert side.returncode == 0
    answers = [json.loads(line.removeprefix("RESULT ")) for line in out.splitlines() if line.startswith("RESULT ")]
    return [{"seed": s, "mean_return": value, "training_s": seconds} for s, (value, seconds) in enumerate(answers)]


def interval(returns: list[float]) -> str:
    """Mean and its 95 % interval."""
    values = np.array(returns)
    return f"{values.mean():.2f} ± {stats.t.ppf(0.975, len(values) - 1) * stats.sem(values):.2f}"


if __name__ == "__main__":
    main()
