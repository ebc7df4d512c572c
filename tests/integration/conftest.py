"""Fixtures of tests that need a database of their own, and not the session's."""

from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage

from hpo.database.embedded_postgres import embedded_postgres


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
