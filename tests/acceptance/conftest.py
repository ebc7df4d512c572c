import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

Start = Callable[..., subprocess.Popen[str]]

QUICK = (
    "--config",
    "quickstart",
    "--set",
    "search_space.dimensions.gradient_steps_pow.high=3",
    "--n-eval-episodes",
    "8",
)
"""A study whose trials take a few seconds."""


@pytest.fixture(scope="session", autouse=True)
def faulty_tasks_are_importable() -> None:
    given = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1] / "tasks"), *([given] if given else [])])


@pytest.fixture
def start(home: Path, hpo_program: str, tmp_path: Path) -> Iterator[Start]:
    """Types a command and leaves it running; `log_of` reads what it wrote so far."""
    processes = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        with (tmp_path / f"{len(processes)}.log").open("w") as log:
            process = subprocess.Popen([hpo_program, *arguments], stdout=log, stderr=subprocess.STDOUT, text=True)
        process.log = Path(log.name)  # type: ignore[attr-defined]
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()


def runner_of(worker: subprocess.Popen[str]) -> psutil.Process:
    """The runner process of a worker."""
    for child in psutil.Process(worker.pid).children():
        if "hpo.runs.runner_process" in child.cmdline():
            return child
    raise AssertionError("the worker has no runner")
