"""What it is worth to get a locomotion task right: each arm leaves out one thing, on the A1 of the tests, on the CPU.

Usage: python -m benchmarks.locomotion [SEEDS] [ENVIRONMENT_STEPS] (an hour and a half for 5 and 150 000).

`tuned-a1` made smaller, since 64 environments give a sixteenth of the data of 1024: with its networks and its replay
ratio nothing at all is learned in so few steps. Runs are equally long in steps, not in seconds, so that what else the
machine does changes no number. The arms take turns seed by seed.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.cartpole import prepare
from benchmarks.paths import RESULTS
from hpo.studies.study_config import builtin_studies, load_study_config
from objectives.run_spec import ActionBounds, EnvironmentSpec, RunSpec
from samplers import baseline

N_ENVS = 64
EPISODES = 128
NEWTONS_ORDER = [f"{leg}_{part}_joint" for leg in ("FL", "FR", "RL", "RR") for part in ("hip", "thigh", "calf")]
PHYSXS_ORDER = [f"{leg}_{part}_joint" for part in ("hip", "thigh", "calf") for leg in ("FL", "FR", "RL", "RR")]


def bounds(as_published: bool) -> ActionBounds:
    """The published bounds; else each on the joint that has its position in Newton's order: 10 of 12 are wrong."""
    config = load_study_config(builtin_studies()["sac-speed"], {})
    assert config.action_bounds is not None
    assert config.action_bounds.joints is not None
    right = config.action_bounds.joints
    if as_published:
        return ActionBounds(joints=right)
    return ActionBounds(joints={there: right[here] for here, there in zip(PHYSXS_ORDER, NEWTONS_ORDER, strict=True)})


ARMS: dict[str, dict[str, bool]] = {
    "as shipped": {},
    "bounds on the wrong joints": {"joints": False},
    "last observation of the next episode": {"final_obs": False},
    "episodes in step": {"phase": False},
}


def spec(seed: int, steps: int, joints: bool, phase: bool) -> RunSpec:
    """One run."""
    tuned = baseline("tuned-a1")
    smaller: dict[str, Any] = {
        **tuned, "batch_size": 256, "gradient_steps": 8, "policy_delay": 2, "buffer_size": 500_000,
        "policy_kwargs": {**tuned["policy_kwargs"], "net_arch": [128, 128]},
    }  # fmt: skip
    return RunSpec(
        environment=EnvironmentSpec(
            backend="isaaclab", task="IsaacContrib-Velocity-Flat-UnitreeA1", physics="newton_mjwarp", n_envs=N_ENVS,
            action_bounds=bounds(joints),
        ),
        hyperparameters=smaller, seed=seed, eval_seed=20_251, budget_s=1e6, max_steps=steps, n_eval_episodes=EPISODES,
        random_initial_phase=phase, report_every_s=5,
    )  # fmt: skip


def run(seed: int, steps: int, joints: bool = True, final_obs: bool = True, phase: bool = True) -> dict[str, Any]:
    """Trains and evaluates once."""
    from objectives.environments import isaaclab_backend
    from objectives.training import train_run

    right_config = isaaclab_backend.task_config

    def task_config(environment: EnvironmentSpec, startup_seed: int) -> Any:
        cfg = right_config(environment, startup_seed)
        cfg.compute_final_obs = final_obs
        return cfg

    isaaclab_backend.task_config = task_config
    try:
        result = train_run(spec(seed, steps, joints, phase), lambda _: None)
    finally:
        isaaclab_backend.task_config = right_config
    assert result.evaluation is not None
    return {
        "seed": seed, "mean_return": result.evaluation.mean_return, "std_return": result.evaluation.std_return,
        "timeout_rate": result.evaluation.timeout_rate, "steps_per_s": result.steps_per_s,
        "training_s": result.training_s,
        "curve": [[p.num_timesteps, p.mean_return] for p in result.learning_curve],
    }  # fmt: skip


def describe(returns: list[float], reference: list[float]) -> str:
    """Mean, 95 % interval of the mean, and the paired difference to the reference with its interval."""

    def interval(values: np.ndarray) -> str:
        half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
        return f"{values.mean():7.2f} ± {half:.2f}"

    difference = np.array(returns) - np.array(reference)
    return f"{interval(np.array(returns))}   difference {interval(difference)}"


def main() -> None:
    """Runs all arms, and keeps each result as soon as it is there."""
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 150_000
    prepare(Path(tempfile.gettempdir()) / "hpo-benchmarks")
    os.environ["JAX_PLATFORMS"] = "cpu"
    from objectives.agents.compilation import enable_compilation_cache

    enable_compilation_cache(Path(os.environ["HPO_HOME"]) / "cache" / "jax")
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in ARMS}
    for seed in range(n_seeds):
        for name, changes in ARMS.items():
            started_at = time.monotonic()
            results[name].append(run(seed, steps, **changes))
            latest = results[name][-1]["mean_return"]
            print(f"seed {seed}, {name}: {latest:.2f} ({time.monotonic() - started_at:.0f} s)", flush=True)
            (RESULTS / "locomotion.json").write_text(json.dumps({"steps": steps, "arms": results}))
    reference = [one["mean_return"] for one in results["as shipped"]]
    for name, runs in results.items():
        print(f"{name:40}{describe([one['mean_return'] for one in runs], reference)}")


if __name__ == "__main__":
    main()
