import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.acceptance.waiting import PATIENCE_S, Typed
from tests.typed_commands import TypedCommands

Start = Callable[..., Typed]

QUICK = (
    "--config",
    "quickstart",
    "--set",
    "search_space.dimensions.gradient_steps_pow.high=2",
    "--set",
    "search_space.dimensions.batch_size_pow.high=7",
    "--set",
    "n_eval_episodes=8",
    "--set",
    "max_episode_steps=50",
    "--set",
    "baselines=[]",
)
"""A study whose trials take a few seconds, with episodes that end in them on a slow machine, too. They have eight
shapes of network and batch between them, and whoever trains one first compiles it for all others."""


@pytest.fixture(scope="session", autouse=True)
def faulty_tasks_are_importable() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "tasks"), prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        expect.set_options(timeout=1000 * PATIENCE_S)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def asset_root(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Iterator[None]:
    """What Isaac Lab's tasks load from an asset server, built on the spot."""
    folder = tmp_path_factory.mktemp("assets")
    script = Path(__file__).with_name("build_assets.py")
    subprocess.run([sys.executable, str(script), str(folder)], check=True, capture_output=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISAACSIM_ASSET_ROOT", str(folder))
        yield


@pytest.fixture
def start(commands: TypedCommands, hpo_program: str, tmp_path: Path) -> Iterator[Start]:
    """Types a command and leaves it running; `installed`: as its users start it, for a look at the process itself."""
    processes: list[Typed] = []

    def run(*arguments: str, installed: bool = False) -> Typed:
        log = tmp_path / f"{len(processes)}.log"
        if installed:
            with log.open("w") as file:
                processes.append(Typed(subprocess.Popen([hpo_program, *arguments], stdout=file, stderr=file), log))
        else:
            processes.append(Typed(commands.start(*arguments, log=log), log))
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
        process.ended()


def runner_of(worker: Typed) -> psutil.Process:
    """The runner process of a worker."""
    for child in psutil.Process(worker.pid).children():
        if "hpo.runs.runner_process" in child.cmdline():
            return child
    raise AssertionError("the worker has no runner")
