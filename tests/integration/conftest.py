"""Fixtures of tests that train in this process, or need a database of their own and not the session's."""

from collections.abc import Iterator
from pathlib import Path

import jax
import optuna
import pytest
from optuna.storages import BaseStorage

from hpo.database.embedded_postgres import embedded_postgres
from objectives.agents.compilation import enable_compilation_cache


@pytest.fixture(scope="session", autouse=True)
def fetched_programs(programs: Path) -> None:
    """What another process, or an earlier run, compiled is not compiled again; and what is compiled runs briefly.

    So XLA need not optimize it. The runners of tests/acceptance compile as they do for users.
    """
    jax.config.update("jax_disable_most_optimizations", True)
    enable_compilation_cache(programs / "jax-unoptimized")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database of this test's own."""
    with embedded_postgres(tmp_path) as url:
        yield url


def running_trial(storage: BaseStorage) -> optuna.Trial:
    study = optuna.create_study(storage=storage, direction="maximize")
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    return trial
