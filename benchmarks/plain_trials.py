"""The script everyone writes first, taking its trials from standard input (see `plain_script.py`)."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import flax.linen as nn
import gymnasium as gym
import isaaclab_tasks  # noqa: F401
import jax
import optax
import optuna
import sbx
from isaaclab.app.sim_launcher import launch_simulation
from isaaclab_rl.sb3 import Sb3VecEnvWrapper
from isaaclab_tasks.utils import parse_env_cfg
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecNormalize

from benchmarks.cartpole import N_ENVS

TASK = "Isaac-Cartpole-Direct"


class TimeLimit(BaseCallback):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def _on_training_start(self) -> None:
        self.started_at = time.monotonic()

    def _on_step(self) -> bool:
        return time.monotonic() - self.started_at < self.seconds


def main() -> None:
    jax.config.update("jax_compilation_cache_dir", str(Path(sys.argv[1]) / "jax-plain"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    cfg = parse_env_cfg(TASK, device="cpu", num_envs=N_ENVS)
    with launch_simulation(cfg, {}):
        env = Sb3VecEnvWrapper(gym.make(TASK, cfg=cfg))

        def objective(trial: optuna.Trial) -> float:
            result = train(env, request["hyperparameters"], request["budget_s"])
            print("RESULT", json.dumps(result), flush=True)
            return float(result["mean_return"])

        study = optuna.create_study(direction="maximize")
        for line in sys.stdin:
            request = json.loads(line)
            study.optimize(objective, n_trials=1)


def train(env: Any, hyperparameters: dict[str, Any], budget_s: float) -> dict[str, float]:
    policy_kwargs = {**hyperparameters["policy_kwargs"], "activation_fn": nn.elu, "optimizer_class": optax.adamw}
    others = {k: v for k, v in hyperparameters.items() if k not in ("policy", "policy_kwargs")}
    normalized = VecNormalize(env, norm_reward=False)
    agent = sbx.SAC(hyperparameters["policy"], normalized, policy_kwargs=policy_kwargs, **others)
    limit = TimeLimit(budget_s)
    agent.learn(10**9, callback=limit)
    training_s = time.monotonic() - limit.started_at
    normalized.training = False
    mean_return, _ = evaluate_policy(agent, normalized, 1, warn=False)
    return {"num_timesteps": agent.num_timesteps, "training_s": training_s, "mean_return": float(mean_return)}


if __name__ == "__main__":
    main()
