"""Fixtures of all three layers, and which tests a process gets when several run beside each other (`pytest -n`).

Each process has locks, a data folder, and so an embedded PostgreSQL of its own. What XLA and Warp compile is shared, by
the processes of a run and, in a developer's checkout, from run to run.
"""

import gc
import multiprocessing.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage
from tests.typed_commands import TypedCommands

Hpo = Callable[..., subprocess.CompletedProcess[str]]

# Tests share the cores: PyTorch's threads sleep while they wait. A run that has the machine to itself is slower for it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Most programs run for seconds: what costs the least, compilation and run together. Code of level 0 runs half as fast;
# XLA's newer code for what it has fused takes twice as long to compile and runs a quarter faster; without it a replay
# buffer is copied at each step, so tests that train give a small `buffer_size`.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=1 --xla_cpu_parallel_codegen_split_count=1 "
    "--xla_backend_extra_options=xla_cpu_disable_new_fusion_emitters,xla_cpu_disable_loop_unrolling",
)


@pytest.hookimpl(tryfirst=True)  # pytest decides in the same hook
def pytest_configure(config: pytest.Config) -> None:
    """Gives a run a temporary folder of its own.

    Those of all runs of a user lie in one otherwise, which each run closes to other users as it starts: also to the
    servers that a run beside it started.
    """
    gc.disable()  # until all that tests import is there
    if config.option.basetemp is None:
        folder = tempfile.mkdtemp(prefix="hpo-pytest-")
        Path(folder).chmod(0o755)
        config.option.basetemp = f"{folder}/run"
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps together the tests that share fixtures of a module, and lets the longest begin first.

    Those of Isaac Lab are all kept together: beside each other they would compile the same kernels, for minutes.
    """
    for item in items:
        shared = _fixtures_of_its_module(item)
        if "asset_root" in item.fixturenames:  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.xdist_group("isaaclab"))
        elif shared:
            item.add_marker(pytest.mark.xdist_group(f"{item.nodeid.partition('::')[0]} {' '.join(shared)}"))
    longest: dict[str, float] = {}
    for item in items:
        longest[_group(item)] = max(_takes(item), longest.get(_group(item), 0.0))
    items.sort(key=lambda item: longest[_group(item)], reverse=True)  # within a group the order stays


def pytest_collection_finish(session: pytest.Session) -> None:
    """Sees to it that pytest-xdist took the groups: without them fixtures of modules are made again and again."""
    gc.freeze()
    gc.enable()
    if session.config.getoption("loadgroup", default=False):
        grouped = [item.nodeid for item in session.items if item.get_closest_marker("xdist_group")]
        assert all("@" in name for name in grouped), "pytest-xdist does not know the groups of this version of pytest"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Takes what is left of a test, programs and modules, out of the search for garbage that each run begins with."""
    yield
    gc.collect()
    gc.freeze()


def _fixtures_of_its_module(item: pytest.Item) -> list[str]:
    definitions = item._fixtureinfo.name2fixturedefs.items()  # type: ignore[attr-defined]
    return sorted(name for name, (*_, nearest) in definitions if nearest.scope == "module")


def _group(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return item.nodeid if mark is None else str(mark.args[0])


def _takes(item: pytest.Item) -> float:
    mark = item.get_closest_marker("takes")
    return 0.0 if mark is None else float(mark.args[0])


@pytest.fixture(scope="session", autouse=True)
def own_locks() -> Iterator[None]:
    """A temporary folder of this process: hpo keeps there the locks by which workers share a machine's devices.

    So neither tests beside these nor a worker that somebody runs change what a trial here says of its hardware.
    """
    multiprocessing.util.get_temp_dir()  # elsewhere: multiprocessing deletes its own at exit, when this one is gone
    with tempfile.TemporaryDirectory(prefix="hpo-tests-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)  # servers of other users have their folders below
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(scope="session", autouse=True)
def hang_ups_reach_commands() -> None:
    """Under `nohup`, a command that a test types would ignore SIGHUP, too; a signal with a handler is not passed on."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(scope="session")
def programs(pytestconfig: pytest.Config) -> Iterator[Path]:
    """The folder of compiled programs."""
    assert pytestconfig.cache is not None
    folder = Path(pytestconfig.cache.mkdir("programs"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARP_CACHE_PATH", str(folder / "warp"))  # where runners have it: for scripts that start none
        yield folder


@pytest.fixture(scope="session")
def fetched_programs(programs: Path) -> None:
    """For runs in this process: what another one, or an earlier run, compiled is not compiled again."""
    from objectives.agents.compilation import enable_compilation_cache  # brings JAX, which unit tests do not need

    enable_compilation_cache(programs / "jax")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Iterator[Path]:
    """The data folder of this process, named by HPO_HOME; its database runs until the end."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "cache").symlink_to(programs)
    with pytest.MonkeyPatch.context() as patch, embedded_postgres(folder):
        patch.setenv("HPO_HOME", str(folder))
        patch.delenv("HPO_STORAGE", raising=False)
        yield folder


@pytest.fixture
def storage(home: Path) -> Iterator[ResilientStorage]:
    """The storage that the commands use by default."""
    with open_storage(None, home) as opened:
        yield opened


@pytest.fixture
def study_name(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses."""
    return request.node.name[:60]


@pytest.fixture(scope="session")
def hpo_program() -> str:
    """Path of the installed command."""
    return str(Path(sys.executable).with_name("hpo"))


@pytest.fixture(scope="session")
def commands(home: Path, hpo_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TypedCommands]:
    """What `hpo` and `start` have their processes from."""
    with closing(TypedCommands(hpo_program, tmp_path_factory.mktemp("typed"))) as opened:
        yield opened


@pytest.fixture(scope="session")
def hpo(commands: TypedCommands) -> Hpo:
    """Types a command and waits for its end."""

    def run(
        *arguments: str, timeout_s: float = 600, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return commands.run(*arguments, timeout_s=timeout_s, env=env or {})

    return run
