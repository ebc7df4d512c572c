"""Fixtures of all three layers: a session has one data folder, and so one embedded PostgreSQL and one cache."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage

Hpo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of this session, named by HPO_HOME; its database runs until the end."""
    folder = tmp_path_factory.mktemp("home")
    os.environ["HPO_HOME"] = str(folder)
    os.environ.pop("HPO_STORAGE", None)
    with embedded_postgres(folder):
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
def hpo(home: Path, hpo_program: str) -> Hpo:
    """Types a command and waits for its end."""

    def run(
        *arguments: str, timeout_s: float = 600, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [hpo_program, *arguments],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, **(env or {})},
        )

    return run
