"""Fixtures of tests that train in this process, or need a database of their own and not the session's."""

from collections.abc import Iterator
from pathlib import Path

import jax
import optuna
import pytest
from optuna.storages import BaseStorage

from hpo.database.embedded_postgres import embedded_postgres
from tests.databases import Databases


@pytest.fixture(scope="session", autouse=True)
def programs_of_training_here(fetched_programs: None) -> None:
    """All layers fetch compiled programs; here they run in this process."""


@pytest.fixture(scope="module")
def unoptimized(fetched_programs: None) -> Iterator[None]:
    """For updates that run a few times: XLA need not optimize what it compiles."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@pytest.fixture(scope="session")
def databases(home: Path) -> Iterator[Databases]:
    """Databases on the server of this process."""
    with embedded_postgres(home) as url:
        yield Databases(url, home)


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    """A database of this test's own, with the tables of a study."""
    with databases.fresh() as url:
        yield url


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[str]:
    """An empty database on a server of this test's own, in its temporary folder."""
    with embedded_postgres(tmp_path) as url:
        yield url


def running_trial(storage: BaseStorage) -> optuna.Trial:
    study = optuna.create_study(storage=storage, direction="maximize")
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    return trial
