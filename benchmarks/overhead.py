"""What a trial costs beside its budget and evaluation, with a warm runner and a filled cache.

Twenty configurations, drawn from the search space and at its corners. A first pass fills the compilation cache; then a
new runner is warmed up by one run and takes them all. Overhead does not depend on the budget, so each run is short and
its overhead is compared with the 300 s of a study. Then one trial of a real worker shows what the supervisor uses.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.cartpole import BUDGET_S, prepare, run_spec
from benchmarks.paths import RESULTS
from hpo.hardware import claimed_hardware
from hpo.runs.runner import Runner
from samplers import named_space

SHORT_BUDGET_S = 2.0
DRAWN = 14


def main() -> None:
    folder = Path(gettempdir()) / "hpo-benchmarks"
    prepare(folder)
    configurations = corners() + drawn(DRAWN)
    with claimed_hardware("cpu", None) as hardware:
        for title, record in (("filling the cache", False), ("measuring", True)):
            runner = Runner(hardware, folder / "home" / "cache", folder / "overhead.log")
            runner.run(run_spec(configurations[0], SHORT_BUDGET_S), lambda _: True, lambda: False)
            rows = [measure(runner, configuration) for configuration in track(configurations, title)]
            runner.close()
            if record:
                result = {
                    "hardware": hardware.name,
                    "budget_s": BUDGET_S,
                    "runs": rows,
                    "supervisor": supervisor_load(),
                }
    result["median_overhead_s"] = statistics.median(row["overhead_s"] for row in rows)
    result["median_overhead_of_budget"] = result["median_overhead_s"] / BUDGET_S
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "overhead.json").write_text(json.dumps(result, indent=2) + "\n")
    show(result)


def corners() -> list[dict[str, Any]]:
    """Lowest, highest, and one extreme of each integer dimension that shapes a program."""
    space = named_space("sac")
    low = {name: dimension.low for name, dimension in space.dimensions.items()}
    high = {name: dimension.high for name, dimension in space.dimensions.items()}
    pushed = [{**low, name: high[name]} for name in ("batch_size_pow", "net_arch_complexity", "gradient_steps_pow")]
    return [space.hyperparameters(values) for values in (low, high, *pushed, {**low, "policy_delay_pow": 5})]


def drawn(number: int) -> list[dict[str, Any]]:
    """`number` configurations from the search space."""
    space = named_space("sac")
    rng = np.random.default_rng(0)

    def draw() -> dict[str, float]:
        return {
            name: float(rng.integers(d.low, d.high + 1) if d.kind == "int" else rng.uniform(d.low, d.high))
            for name, d in space.dimensions.items()
        }

    return [space.hyperparameters(draw()) for _ in range(number)]


def measure(runner: Runner, hyperparameters: dict[str, Any]) -> dict[str, Any]:
    """One run: everything on the wall clock that is neither training nor evaluation."""
    started_at = time.monotonic()
    result = runner.run(run_spec(hyperparameters, SHORT_BUDGET_S), lambda _: True, lambda: False)
    wall_s = time.monotonic() - started_at
    shown = ("batch_size", "gradient_steps", "policy_delay", "train_freq", "policy")
    return {
        **{name: hyperparameters[name] for name in shown},
        "net_arch": hyperparameters["policy_kwargs"]["net_arch"],
        "overhead_s": wall_s - result.training_s - result.evaluation_s + result.overshoot_s,
        "startup_s": result.startup_s,
        "warmup_s": result.warmup_s,
        "overshoot_s": result.overshoot_s,
        "warmup_compilations": result.warmup_compilations,
        "budget_compilations": result.budget_compilations,
    }


def supervisor_load() -> dict[str, float]:
    """Processor seconds of the supervisor during the training of one trial, per second."""
    command = [
        str(Path(sys.executable).with_name("hpo")), "worker", "--study", f"load-{os.getpid()}",
        "--config", "quickstart", "--budget", "60s", "--n-trials", "1",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "training" not in process.stdout.readline():
            pass
        supervisor = psutil.Process(process.pid)
        before, started_at = supervisor.cpu_times(), time.monotonic()
        time.sleep(50)
        after, seconds = supervisor.cpu_times(), time.monotonic() - started_at
        process.communicate()
    return {"cpu_of_one_core": (after.user + after.system - before.user - before.system) / seconds}


def show(result: dict[str, Any]) -> None:
    table = Table(title="Overhead of a trial, warm runner, filled cache", title_justify="left")
    columns = ("batch_size", "gradient_steps", "policy_delay", "net_arch", "startup_s", "warmup_s", "overhead_s")
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right")
    for row in result["runs"]:
        table.add_row(*(f"{row[c]:.2f}" if isinstance(row[c], float) else str(row[c]) for c in columns))
    console = Console(width=100)
    console.print(table)
    console.print(
        f"median {result['median_overhead_s']:.2f} s = {result['median_overhead_of_budget']:.2%} of {BUDGET_S:.0f} s; "
        f"supervisor {result['supervisor']['cpu_of_one_core']:.2%} of one core"
    )


if __name__ == "__main__":
    main()
