"""How much of the difference between two trials on Isaac Lab came from worlds that differ: terrain, masses, friction.

Usage: python -m benchmarks.startup_noise [WORLDS] (half an hour for 8), after benchmarks.locomotion.

Isaac Lab draws them once, when the environments are made, from the seed that they are made with. One policy, trained on
the A1 of the tests, is evaluated in worlds of different seeds, with the evaluation's seed always the same: what differs
then is what a trial's score used to hold of its world. Beside it the spread over seeds of training, in one world.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from stable_baselines3.common.vec_env import VecNormalize

from benchmarks.cartpole import prepare
from benchmarks.locomotion import N_ENVS, spec
from benchmarks.paths import RESULTS

STEPS = 150_000


def main() -> None:
    """Trains once, evaluates in each world, and compares."""
    n_worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    folder = Path(tempfile.gettempdir()) / "hpo-benchmarks"
    prepare(folder)
    os.environ["JAX_PLATFORMS"] = "cpu"
    import sbx

    from objectives.agents.compilation import enable_compilation_cache
    from objectives.evaluation import evaluate
    from objectives.training import make_training_env, train_run

    enable_compilation_cache(Path(os.environ["HPO_HOME"]) / "cache" / "jax")
    run = spec(seed=0, steps=STEPS, joints=True, phase=True).model_copy(update={"output_dir": str(folder / "policy")})
    train_run(run, lambda _: None)
    returns = []
    for world in [run.eval_seed, *range(n_worlds)]:
        raw = make_training_env(run.environment, run.algorithm, world)
        env = VecNormalize.load(str(folder / "policy" / "vecnormalize.pkl"), raw)
        agent = sbx.SAC.load(folder / "policy" / "model.zip", env=env)
        returns.append(evaluate(agent, env, run.n_eval_episodes, run.eval_seed).mean_return)
        env.close()
        print(f"world {world}: {returns[-1]:.3f}", flush=True)
    found = {"n_envs": N_ENVS, "steps": STEPS, "in_worlds": returns}
    (RESULTS / "startup_noise.json").write_text(json.dumps(found, indent=1))
    over_training = np.std(
        [one["mean_return"] for one in json.loads((RESULTS / "locomotion.json").read_text())["arms"]["as shipped"]],
        ddof=1,
    )
    print(f"std over worlds {np.std(returns, ddof=1):.3f}, over seeds of training {over_training:.3f}")


if __name__ == "__main__":
    main()
