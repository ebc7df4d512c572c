"""Environment steps a second on Unitree A1 with `tuned-a1`, against plain sbx in Isaac Lab's own wrapper.

Usage: python -m benchmarks.a1_speed [--device cuda] [--n-envs 1024 4096] [--seconds 20]. The last line of the output is
JSON, which `benchmarks/results/a1_speed.json` keeps with `--keep`.

Each arm runs in a process of its own, one after the other, and all are timed by one clock: it starts when everything is
compiled and gradient steps are done, and stops when the last of them is there.

- `plain sbx`: sbx's SAC, Stable-Baselines3's VecNormalize and Isaac Lab's Sb3VecEnvWrapper, as one writes it first;
- `hpo`: what a trial does;
- `hpo, fixed share`: with 30 % of the GPU's memory set aside for JAX at its start, in the place of memory on demand;
- `hpo, command buffers`: with XLA's loops and conditions in CUDA graphs, too.

On a CPU only the first two are there; on a GPU the last two run with the most environments only. `parts_ms` tells where
an iteration of `hpo` goes, `busy_ms` how long the GPU computes in one, `waits` how often torch waits for it
(`a1_parts.py`).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.a1_parts import busy_ms, parts_ms, waits
from benchmarks.cartpole import prepare
from benchmarks.paths import RESULTS
from hpo.studies.study_config import builtin_studies, load_study_config
from objectives.run_spec import EnvironmentSpec, RunSpec
from samplers import baseline

PLAIN, OURS = "plain sbx", "hpo"
ON_DEMAND = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
ARMS: dict[str, dict[str, str]] = {
    PLAIN: ON_DEMAND,
    OURS: ON_DEMAND,
    "hpo, fixed share": {"XLA_CLIENT_MEM_FRACTION": "0.3"},
    "hpo, command buffers": {**ON_DEMAND, "XLA_FLAGS": "--xla_gpu_enable_command_buffer=+WHILE,+CONDITIONAL"},
}
"""Variables of each arm's process."""
SETTLED = 12
"""Iterations with gradient steps before the clock starts."""


def main() -> None:
    """Runs the arms in turn and shows what they reach."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--n-envs", type=int, nargs="+", default=[1024, 4096])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--arm", help="one of them, in this process")
    options = parser.parse_args()
    prepare(Path(tempfile.gettempdir()) / "hpo-benchmarks")
    if options.arm:
        print(json.dumps(measure(options.arm, options.device, options.n_envs[0], options.seconds)))
        return
    rows = []
    for n_envs in options.n_envs:
        for name in ARMS if options.device == "cuda" and n_envs == max(options.n_envs) else (PLAIN, OURS):
            rows.append({"arm": name, "n_envs": n_envs, **run(name, ARMS[name], n_envs, options)})
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    result = {"seconds": options.seconds, "rows": rows}
    show(rows)
    if options.keep:
        (RESULTS / "a1_speed.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result))


def run(arm: str, variables: dict[str, str], n_envs: int, options: argparse.Namespace) -> dict[str, Any]:
    """Measures in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.a1_speed", "--arm", arm, "--device", options.device]
    command += ["--n-envs", str(n_envs), "--seconds", str(options.seconds)]
    environment = {**os.environ, **variables, **({"JAX_PLATFORMS": "cpu"} if options.device == "cpu" else {})}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measure(arm: str, device: str, n_envs: int, seconds: float) -> dict[str, Any]:
    """Steps a second of one arm; of ours also what its parts take."""
    import jax

    from objectives.agents.compilation import enable_compilation_cache

    enable_compilation_cache(Path(os.environ["HPO_HOME"]) / "cache" / "jax")
    spec = RunSpec(
        environment=EnvironmentSpec(
            backend="isaaclab", task="IsaacContrib-Velocity-Flat-UnitreeA1", physics="newton_mjwarp", n_envs=n_envs,
            action_bounds=load_study_config(builtin_studies()["sac-speed"], {}).action_bounds,
            device="cuda" if device == "cuda" else "cpu",
        ),
        hyperparameters=baseline("tuned-a1"), seed=0, eval_seed=1, budget_s=seconds, max_steps=10**9, n_eval_episodes=1,
    )  # fmt: skip
    began_at = time.perf_counter()
    agent = plain_agent(spec) if arm == PLAIN else our_agent(spec)
    made_s = time.perf_counter() - began_at
    clock = seconds_of_training(agent, seconds)
    agent.learn(10**9, callback=clock)
    trained_s = clock.stop()

    def learn_for(more_s: float) -> None:
        agent.learn(10**9, callback=seconds_of_training(agent, more_s), reset_num_timesteps=False)

    return {
        "steps_per_s": round(clock.steps / trained_s), "iteration_ms": round(1e3 * n_envs * trained_s / clock.steps, 2),
        "gradient_steps_per_s": round(clock.gradient_steps / trained_s), "start_s": round(made_s, 1),
        "until_settled_s": round(clock.settled_at - began_at, 1), "jax": str(jax.devices()[0].device_kind),
        "gpu_memory_gb": used_gpu_memory() if device == "cuda" else None,
        "parts_ms": parts_ms(agent) if arm == OURS else None,
        "waits": waits(agent, learn_for) if arm == OURS and device == "cuda" else None,
        "busy_ms": busy_ms(agent, learn_for) if arm == OURS and device == "cuda" else None,
    }  # fmt: skip


def our_agent(spec: RunSpec) -> Any:
    """An agent with its environments, warmed up as a trial's."""
    from objectives.training import _warmed_up, make_training_env

    agent, _ = _warmed_up(spec, make_training_env(spec.environment, spec.algorithm, spec.eval_seed))
    return agent


def plain_agent(spec: RunSpec) -> Any:
    """The same hyperparameters in sbx's own class, as a script without hpo has them."""
    import flax.linen as nn
    import gymnasium as gym
    import isaaclab_tasks  # noqa: F401
    import numpy as np
    import optax
    import sbx
    from isaaclab.app.sim_launcher import launch_simulation
    from isaaclab_rl.sb3 import Sb3VecEnvWrapper
    from isaaclab_tasks.utils import parse_env_cfg
    from stable_baselines3.common.vec_env import VecMonitor, VecNormalize

    wanted = spec.environment
    device = "cuda:0" if wanted.device == "cuda" else "cpu"
    cfg = parse_env_cfg(wanted.task, device=device, num_envs=wanted.n_envs, overrides=[f"physics={wanted.physics}"])
    launch_simulation(cfg, {}).__enter__()
    env = Sb3VecEnvWrapper(gym.make(wanted.task, cfg=cfg))
    assert wanted.action_bounds is not None
    assert wanted.action_bounds.joints is not None
    joints = wanted.action_bounds.joints
    names = env.unwrapped.action_manager.get_term("joint_pos")._joint_names
    low, high = np.array([joints[name] for name in names], np.float32).T
    env.action_space = gym.spaces.Box(low, high)
    policy_kwargs = {**spec.hyperparameters["policy_kwargs"], "activation_fn": nn.elu, "optimizer_class": optax.adamw}
    others = {name: value for name, value in spec.hyperparameters.items() if name not in ("policy", "policy_kwargs")}
    normalized = VecNormalize(VecMonitor(env), norm_reward=False)
    return sbx.SAC("MlpPolicy", normalized, policy_kwargs=policy_kwargs, seed=spec.seed, **others)


def seconds_of_training(agent: Any, seconds: float) -> Any:
    """A callback that ends training so long after gradient steps run as they will run from then on."""
    import jax
    from stable_baselines3.common.callbacks import BaseCallback

    def wait() -> None:
        jax.block_until_ready((agent.policy.actor_state.params, agent.policy.qf_state.params))

    class Clock(BaseCallback):
        settled_at = 0.0
        steps = gradient_steps = 0

        def _on_step(self) -> bool:
            now = time.perf_counter()
            if not self.settled_at:
                if agent._n_updates < SETTLED * agent.gradient_steps:
                    return True
                wait()
                self.settled_at = time.perf_counter()
                self._before = agent.num_timesteps, agent._n_updates
                return True
            return now - self.settled_at < seconds

        def stop(self) -> float:
            """Seconds on the clock, once all is computed."""
            wait()
            ended_at = time.perf_counter()
            self.steps, self.gradient_steps = agent.num_timesteps - self._before[0], agent._n_updates - self._before[1]
            return ended_at - self.settled_at

    return Clock()


def used_gpu_memory() -> float:
    """GB of the GPU in use, by whomever."""
    import torch

    free, total = torch.cuda.mem_get_info()
    return round((total - free) / 1e9, 1)


def show(rows: list[dict[str, Any]]) -> None:
    """Prints the table, each arm beside plain sbx with as many environments."""
    plain = {row["n_envs"]: row["steps_per_s"] for row in rows if row["arm"] == PLAIN}
    numbers = ("env steps/s", "to plain sbx", "ms an iteration", "gradient steps/s", "GPU memory")
    table = Table("environments", "arm", *numbers, title=rows[0]["jax"], title_justify="left")
    for row in rows:
        memory = "" if row["gpu_memory_gb"] is None else f"{row['gpu_memory_gb']} GB"
        table.add_row(
            f"{row['n_envs']:,}", row["arm"], f"{row['steps_per_s']:,}",
            f"{row['steps_per_s'] / plain[row['n_envs']]:.2f}", f"{row['iteration_ms']:.1f}",
            f"{row['gradient_steps_per_s']:,}", memory,
        )  # fmt: skip
    console = Console(stderr=True, width=110)
    console.print(table)
    for row in rows:
        if row["parts_ms"]:
            parts = ", ".join(f"{name} {ms:g}" for name, ms in row["parts_ms"].items())
            console.print(f"{row['n_envs']:,} environments, each part alone, ms: {parts}")


if __name__ == "__main__":
    main()
