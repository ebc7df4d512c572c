"""Does a worker grow? 200 real short trials in a row: memory and open files of supervisor and runner after each.

Twice: with trials of the whole search space of `quickstart`, where a runner compiles ever new programs for ever new
network and batch sizes, and with those sizes fixed, where whatever grows would be a leak. Memory is what only the
process itself holds (unique set size).
"""

import json
import os
import re
import statistics
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.paths import RESULTS

TRIALS = 200
SETTLED = 10
"""Trials after which everything is loaded, and by how many medians are taken."""
STUDIES: dict[str, tuple[str, ...]] = {
    "all-sizes": (),
    "one-size": (
        *(f"dimensions.{name}_pow=null" for name in ("batch_size", "train_freq", "gradient_steps", "policy_delay")),
        "dimensions.net_arch_complexity=null",
        *("fixed.batch_size=256", "fixed.train_freq=1", "fixed.gradient_steps=8", "fixed.policy_delay=1"),
    ),
}
"""What is changed of the search space of `quickstart`."""
_ENDED = re.compile(r"trial (\d+): (mean return|failed)")


def main() -> None:
    result = {}
    for study in STUDIES:
        rows = measured(study)
        processes = {
            "supervisor": growth([row["supervisor"] for row in rows]),
            **{f"runner {i}": growth(life) for i, life in enumerate(lives(rows), 1) if len(life) > 2 * SETTLED},
        }
        result[study] = {"growth": processes, "trials": rows}
        show(study, processes)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "soak.json").write_text(json.dumps(result, indent=1) + "\n")


def measured(study: str) -> list[dict[str, Any]]:
    """One row a trial."""
    rows = []
    with TemporaryDirectory() as home, Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(study, total=TRIALS)
        command = [
            str(Path(sys.executable).with_name("hpo")), "worker", "--study", study, "--config", "quickstart",
            # At the end of the last trial the runner may be gone.
            "--budget", "1s", "--set", "n_eval_episodes=8", "--n-trials", str(TRIALS + 1),
            *(part for change in STUDIES[study] for part in ("--set", f"search_space.{change}")),
        ]  # fmt: skip
        environment = {**os.environ, "HPO_HOME": home}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                if not (ended := _ENDED.match(line)):
                    continue
                if ended[2] == "failed":
                    raise RuntimeError(line)
                if len(rows) < TRIALS:
                    rows.append(state_of(psutil.Process(worker.pid)))
                    bar.update(task, advance=1)
        if worker.returncode or len(rows) != TRIALS:
            raise RuntimeError(f"the worker exited with status {worker.returncode} after {len(rows)} trials")
    return rows


def state_of(worker: psutil.Process) -> dict[str, Any]:
    """Memory and open files of a worker's two processes; while runners change, there may be none to measure."""
    state = {"supervisor": size_of(worker)}
    for child in worker.children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "hpo.runs.runner_process" in child.cmdline():
                state["runner"] = size_of(child)
    return state


def size_of(process: psutil.Process) -> dict[str, Any]:
    return {"pid": process.pid, "megabytes": process.memory_full_info().uss / 1e6, "files": process.num_fds()}


def lives(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The states of each runner in turn; one takes over after 50 runs."""
    by_pid: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if "runner" in row:
            by_pid.setdefault(row["runner"]["pid"], []).append(row["runner"])
    return list(by_pid.values())


def growth(states: list[dict[str, Any]]) -> dict[str, float]:
    """Medians of the first settled trials and of the last, and their ratio."""
    early, late = states[SETTLED : 2 * SETTLED], states[-SETTLED:]
    before, after = (statistics.median(state["megabytes"] for state in part) for part in (early, late))
    return {
        "megabytes_early": before,
        "megabytes_late": after,
        "growth": after / before - 1,
        "files_early": statistics.median(state["files"] for state in early),
        "files_late": statistics.median(state["files"] for state in late),
    }


def show(study: str, processes: dict[str, dict[str, float]]) -> None:
    table = Table(title=f"{study}: {TRIALS} trials in one worker", title_justify="left")
    for column in ("process", "MB, trials 10 to 20", "MB, last 10", "growth", "open files"):
        table.add_column(column, justify="left" if column == "process" else "right")
    for name, row in processes.items():
        table.add_row(
            name, f"{row['megabytes_early']:.0f}", f"{row['megabytes_late']:.0f}", f"{row['growth']:+.1%}",
            f"{row['files_early']:.0f} -> {row['files_late']:.0f}",
        )  # fmt: skip
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
