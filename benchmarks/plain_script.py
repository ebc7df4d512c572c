"""Environment steps per trial, against the script everyone writes first.

That script: one process, sbx's SAC, a time-limit callback and `evaluate_policy` in `study.optimize`. Both sides train
the same hyperparameters on Isaac-Cartpole-Direct for the same budget, trial by trial in turn, each in its own process
that lives through all trials. Both use JAX's persistent cache, filled before by a short round.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.cartpole import N_ENVS, prepare, run_spec
from benchmarks.paths import RESULTS
from hpo.hardware import claimed_hardware
from hpo.runs.runner import Runner
from samplers import named_space

BUDGET_S = 60.0
FILL_S = 5.0

CHANGES: tuple[dict[str, float], ...] = (
    {"gradient_steps_pow": 3, "batch_size_pow": 8, "policy_delay_pow": 2},
    {"gradient_steps_pow": 5, "batch_size_pow": 9, "net_arch_complexity": 2, "policy_delay_pow": 3},
    {"gradient_steps_pow": 0, "batch_size_pow": 7, "policy_delay_pow": 5},
)
"""From the space's lower corner: few gradient steps, the tuned values' shape, a rare policy update."""


def main() -> None:
    folder = Path(gettempdir()) / "hpo-benchmarks"
    prepare(folder)
    space = named_space("sac")
    low = {name: dimension.low for name, dimension in space.dimensions.items()}
    configurations = [space.hyperparameters({**low, **change}) for change in CHANGES]
    rows = []
    plain = PlainScript(folder / "home" / "cache")
    with claimed_hardware("cpu", None) as hardware:
        runner = Runner(hardware, folder / "home" / "cache", folder / "plain.log")
        for budget_s in (FILL_S, BUDGET_S):
            rows = [compare(runner, plain, configuration, budget_s) for configuration in configurations]
        runner.close()
        result = {"hardware": hardware.name, "budget_s": BUDGET_S, "n_envs": N_ENVS, "trials": rows}
    plain.close()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "plain_script.json").write_text(json.dumps(result, indent=2) + "\n")
    show(rows)


def compare(runner: Runner, plain: "PlainScript", hyperparameters: dict[str, Any], budget_s: float) -> dict[str, Any]:
    """One trial of each side."""
    theirs = plain.trial(hyperparameters, budget_s)
    ours = runner.run(run_spec(hyperparameters, budget_s), lambda _: True, lambda: False)
    shown = ("batch_size", "gradient_steps", "policy_delay")
    return {
        **{name: hyperparameters[name] for name in shown},
        "net_arch": hyperparameters["policy_kwargs"]["net_arch"],
        "plain_steps": theirs["num_timesteps"],
        "plain_training_s": theirs["training_s"],
        "hpo_steps": ours.num_timesteps,
        "hpo_training_s": ours.training_s,
        "ratio": ours.num_timesteps / theirs["num_timesteps"],
    }


class PlainScript:
    """The process of the plain script: takes hyperparameters, gives what it trained."""

    def __init__(self, cache: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.plain_trials", str(cache)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def trial(self, hyperparameters: dict[str, Any], budget_s: float) -> dict[str, Any]:
        """Runs one trial."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(
            json.dumps({"hyperparameters": hyperparameters, "budget_s": budget_s}), file=self._process.stdin, flush=True
        )
        while not (line := self._process.stdout.readline()).startswith("RESULT "):
            assert line, "the plain script ended"
        return json.loads(line.removeprefix("RESULT "))  # type: ignore[no-any-return]

    def close(self) -> None:
        """Ends it."""
        self._process.communicate()


def show(rows: list[dict[str, Any]]) -> None:
    table = Table(title=f"Environment steps in {BUDGET_S:.0f} s, {N_ENVS} environments", title_justify="left")
    columns = ("batch_size", "gradient_steps", "policy_delay", "plain_steps", "hpo_steps", "ratio")
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right")
    for row in rows:
        table.add_row(*(f"{row[c]:.2f}" if isinstance(row[c], float) else f"{row[c]:,}" for c in columns))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
