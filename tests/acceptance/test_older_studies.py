"""A study that hpo 0.1.0 wrote, with its replay, in the hands of this version."""

import io
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2.extensions
import pytest
import yaml
from sqlalchemy.engine import make_url

from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.storage import open_storage
from tests.conftest import Hpo

pytestmark = pytest.mark.takes(60)

DUMP = Path(__file__).parents[1] / "data" / "study_0_1_0.sql"
"""Rows of Optuna's tables: study `old`, 4 trials of `quickstart` with a budget of 2 s, and its replay of 2 candidates
with 2 seeds."""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a database that holds it."""
    folder = tmp_path_factory.mktemp("old")
    with embedded_postgres(folder) as url:
        with open_storage(url, folder):
            pass  # makes the tables
        restore(url)
        yield url


def restore(url: str) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    callback = psycopg2.extensions.get_wait_callback()
    psycopg2.extensions.set_wait_callback(None)  # COPY cannot be waited for with hpo's
    try:
        with closing(psycopg2.connect(address)) as connection, connection, connection.cursor() as cursor:
            for table, rows in re.findall(r"^COPY (\w+) FROM stdin;\n(.*?)^\\\.\n", DUMP.read_text(), re.M | re.S):
                cursor.execute(f"TRUNCATE {table} CASCADE")
                cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(rows))
            cursor.execute(NEXT_IDS)
            for table, column in cursor.fetchall():
                set_next = f"SELECT setval(pg_get_serial_sequence(%s, %s), max({column})) FROM {table}"  # noqa: S608
                cursor.execute(set_next, (table, column))
    finally:
        psycopg2.extensions.set_wait_callback(callback)


NEXT_IDS = "SELECT table_name, column_name FROM information_schema.columns WHERE column_default LIKE 'next%'"


def test_it_is_read(hpo: Hpo, old: str) -> None:
    status = hpo("status", "--storage", old).stdout
    assert re.search(r"old +Pendulum-v1 +4/4", status), status
    assert re.search(r"old-replay +Pendulum-v1 +4/4", status), status
    best = hpo("best", "--study", "old", "--storage", old, "--top", "1").stdout
    assert re.search(r"(?m)^ 0 +-1276\.99 .* 128-128-128 .* 121\.34 +1,744 ", best), best
    exported = yaml.safe_load(hpo("export", "--study", "old", "--storage", old).stdout)
    assert exported["hyperparameters"]["policy_kwargs"]["net_arch"] == [128, 128, 128]
    log = hpo("logs", "0", "--study", "old", "--storage", old).stdout
    assert "robot-1" in log


def test_it_goes_on_is_replayed_and_reported(hpo: Hpo, old: str, tmp_path: Path) -> None:
    here = ("--study", "old", "--storage", old, "--allow-other-hardware", "--device", "cpu")
    worked = hpo("worker", *here, "--n-trials", "5")
    assert worked.returncode == 0, worked.stderr
    assert "study old: 5 complete" in worked.stdout
    replayed = hpo("replay", *here, "--top", "1", "--seeds", "3")
    assert replayed.returncode == 0, replayed.stderr
    # Trial 0, unless the new one learned more in its two seconds.
    chosen = re.search(r"(trial [04]), seed", replayed.stdout)
    assert chosen, replayed.stdout
    assert re.search(rf"{chosen[1]} +3 ", replayed.stdout), replayed.stdout
    reported = hpo("report", "--study", "old", "--storage", old, "--out", str(tmp_path / "report"))
    assert reported.returncode == 0, reported.stderr
    text = (tmp_path / "report" / "report.md").read_text()
    assert "| 0 | -1,277 | -1,277 | 121.34 |" in text, text
    assert (tmp_path / "report" / "learning-curves.png").exists()
