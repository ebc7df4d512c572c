"""The task of the benchmarks: Isaac-Cartpole-Direct on the CPU, with assets built on the spot."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from objectives.run_spec import ActionBounds, EnvironmentSpec, RunSpec

ROOT = Path(__file__).parents[1]
N_ENVS = 1024
BUDGET_S = 300.0
"""The budget of a study: what overheads are compared with."""


def prepare(folder: Path) -> None:
    """Names a data folder and an asset folder below `folder` in the environment; caches persist between calls."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["HPO_HOME"] = str(folder / "home")
    assets = folder / "assets"
    if not assets.exists():
        script = ROOT / "tests" / "acceptance" / "build_assets.py"
        subprocess.run([sys.executable, str(script), str(assets)], check=True)
    os.environ["ISAACSIM_ASSET_ROOT"] = str(assets)


def run_spec(hyperparameters: dict[str, Any], budget_s: float, n_eval_episodes: int = 1, seed: int = 0) -> RunSpec:
    """A run of `hyperparameters` on the benchmark's task."""
    return RunSpec(
        environment=EnvironmentSpec(
            backend="isaaclab",
            task="Isaac-Cartpole-Direct",
            n_envs=N_ENVS,
            action_bounds=ActionBounds(low=-1, high=1),
        ),
        hyperparameters=hyperparameters,
        seed=seed,
        eval_seed=1,
        budget_s=budget_s,
        max_steps=10**9,
        n_eval_episodes=n_eval_episodes,
    )
