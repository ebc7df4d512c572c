"""Whether agents learn as before where their data stay on the device: returns over seeds, on both sides.

Usage: python -m benchmarks.same_learning [cartpole|a1] [SEEDS] (10 seeds: ten minutes of Cartpole, 30 of Unitree A1);
`--more` adds seeds to those that are kept. The same environment steps on both sides, which run beside each other; the
other side is the last commit whose loop ran on the host. Random numbers differ, so the returns of a seed do: what is
compared is their distribution. That the same random numbers give the same steps and updates is held by
`tests/integration/test_device_rollouts.py`, and on Unitree A1 by `tests/acceptance/test_same_steps.py`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.cartpole import prepare
from benchmarks.paths import RESULTS
from benchmarks.training_loop import BEFORE, ROOT, unpack
from hpo.studies.study_config import builtin_studies, load_study_config
from samplers import baseline

TUNED = baseline("tuned-a1")
MEASURED = load_study_config(builtin_studies()["sac-speed"], {}).action_bounds
assert MEASURED is not None
TASKS: dict[str, dict[str, Any]] = {
    "cartpole": {
        "environment": {
            "backend": "isaaclab", "task": "Isaac-Cartpole-Direct", "n_envs": 256,
            "action_bounds": {"low": -1, "high": 1},
        },
        "hyperparameters": {
            "learning_rate": 1e-3, "batch_size": 256, "gradient_steps": 16, "learning_starts": 2560, "gamma": 0.98,
            "buffer_size": 200_000, "ent_coef": "auto_0.01", "tau": 0.02,
            "policy_kwargs": {"net_arch": [64, 64], "activation_fn": "elu", "layer_norm": True},
        },
        "max_steps": 80_000, "n_eval_episodes": 256,
    },
    "a1": {
        "environment": {
            "backend": "isaaclab", "task": "IsaacContrib-Velocity-Flat-UnitreeA1", "physics": "newton_mjwarp",
            "n_envs": 64, "max_episode_steps": 500, "action_bounds": {"joints": MEASURED.joints},
        },
        "hyperparameters": {
            **TUNED, "batch_size": 128, "buffer_size": 100_000, "policy_delay": 2,
            "policy_kwargs": {**TUNED["policy_kwargs"], "net_arch": [128, 128]},
        },
        "max_steps": 32_000, "n_eval_episodes": 64,
    },
}  # fmt: skip
"""What is trained: on A1 `tuned-a1`, made small enough for a CPU core as in docs/experiments.md."""
RUN = """
import json, os, sys
from pathlib import Path
from objectives.agents.compilation import enable_compilation_cache
from objectives.run_spec import RunSpec
from objectives.training import train_run
enable_compilation_cache(Path(os.environ["HPO_HOME"]) / "jax")
for seed in json.loads(sys.argv[1]):
    spec = RunSpec.model_validate({**json.loads(sys.argv[2]), "seed": seed, "eval_seed": 2, "budget_s": 1e6})
    result = train_run(spec, lambda _: None)
    evaluation = result.evaluation  # None of a run that diverged
    print("RESULT", json.dumps({
        "seed": seed, "mean_return": evaluation and evaluation.mean_return, "training_s": result.training_s
    }), flush=True)
"""


def main() -> None:
    """Runs both sides beside each other, one core each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS, nargs="?", default="cartpole")
    parser.add_argument("seeds", type=int, nargs="?", default=10)
    parser.add_argument("--more", action="store_true")
    options = parser.parse_args()
    kept = RESULTS / f"same_learning_{options.task}.json"
    before_that = json.loads(kept.read_text())["sides"] if options.more else {"host": [], "device": []}
    first = len(before_that["host"])
    seeds = list(range(first, first + options.seeds))
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        before.mkdir()
        unpack(BEFORE, before)
        prepare(Path(folder))  # one robot for both
        sides = {
            name: subprocess.Popen(
                [sys.executable, "-c", RUN, json.dumps(seeds), json.dumps(TASKS[options.task])], cwd=place,
                env={
                    "PYTHONPATH": str(place), "PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "JAX_PLATFORMS": "cpu",
                    "HPO_HOME": f"{folder}/{name}", "ISAACSIM_ASSET_ROOT": os.environ["ISAACSIM_ASSET_ROOT"],
                },
                stdout=said(folder, name).open("w"),
            )
            for name, place in {"host": before, "device": ROOT}.items()
        }  # fmt: skip
        for side in sides.values():
            assert side.wait() == 0
        results = {name: before_that[name] + results_in(said(folder, name)) for name in sides}
    kept.write_text(json.dumps({"steps": TASKS[options.task]["max_steps"], "sides": results}, indent=2) + "\n")
    for name, runs in results.items():
        returns = [run["mean_return"] for run in runs if run["mean_return"] is not None]
        print(f"{name:8} {interval(returns)}, {len(runs) - len(returns)} diverged")


def said(folder: str, side: str) -> Path:
    """What a side prints, as it comes: a pipe would be full after some seeds, and the side would wait for the other."""
    return Path(folder) / f"{side}.txt"


def results_in(path: Path) -> list[dict[str, Any]]:
    """The runs of one side."""
    lines = path.read_text().splitlines()
    return [json.loads(line.removeprefix("RESULT ")) for line in lines if line.startswith("RESULT ")]


def interval(returns: list[float]) -> str:
    """Mean and its 95 % interval."""
    values = np.array(returns)
    return f"{values.mean():.2f} ± {stats.t.ppf(0.975, len(values) - 1) * stats.sem(values):.2f}"


if __name__ == "__main__":
    main()
