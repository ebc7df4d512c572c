"""What does a trial cost the storage as its study grows, and what do the commands that read the study?

Studies of 100 to 10 000 finished trials, written straight into the tables, each trial with the parameters, attributes,
reports and note that a worker writes; one worker finishes 30 more in each, with a stub for a runner and 30 reports. The
first trial of a fresh worker, which reads the whole study, is told apart.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import sqlalchemy
import tenacity

from benchmarks.paths import RESULTS
from benchmarks.stub_worker import HARDWARE, work
from benchmarks.written_study import write_study
from hpo.database.attributes import DEFINITION_ATTR, N_TRIALS_ATTR
from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage
from hpo.studies.study import this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.worker import Quota

SIZES = (100, 300, 1000, 3000, 10_000)
TRIALS = 31
REPORTS = 30
TEMPLATE = "template"
COPIED = (
    "INSERT INTO trial_user_attributes (trial_id, key, value_json) "
    "SELECT trials.trial_id, key, value_json FROM trials, trial_user_attributes JOIN trials AS one USING (trial_id) "
    "WHERE trials.study_id = :study AND one.study_id = :template",
    "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) "
    "SELECT trials.trial_id, step, intermediate_value, intermediate_value_type "
    "FROM trials, trial_intermediate_values JOIN trials AS one USING (trial_id) "
    "WHERE trials.study_id = :study AND one.study_id = :template",
    "INSERT INTO study_system_attributes (study_id, key, value_json) "
    "SELECT :study, replace(key, one.trial_id::text, trials.trial_id::text), value_json "
    "FROM trials, study_system_attributes JOIN trials AS one USING (study_id) "
    "WHERE trials.study_id = :study AND one.study_id = :template AND key LIKE 'dashboard:%'",
)
"""What a worker wrote of the template's only trial, for each trial of another study."""
PORT = 8093


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)  # PostgreSQL, started by root, runs as another user
        with embedded_postgres(home) as url:
            with open_storage(url, home, for_worker=True) as storage:
                written(storage, TEMPLATE, 0)
                work(storage, TEMPLATE, Quota(trials=1), REPORTS)
            for size in SIZES:
                with open_storage(url, home) as storage:
                    study_id = written(storage, str(size), size)
                with open_storage(url, home, for_worker=True) as storage:
                    rows.append({"finished_trials": size, **measure(storage, str(size))})
                rows[-1] |= {f"{c}_s": command(c, str(size), url) for c in ("status", "best")}
                rows[-1] |= dashboard(study_id, size, url)
                print(json.dumps(rows[-1]), flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "growth.json").write_text(json.dumps(rows, indent=2) + "\n")


def written(storage: ResilientStorage, name: str, size: int) -> int:
    """The id of a new study of hpo's with `size` finished trials."""
    config = load_study_config(builtin_studies()["sac-speed"], {"n_trials": size + TRIALS})
    write_study(storage, name, size)
    study = storage.get_study_id_from_name(name)
    storage.set_study_user_attr(study, N_TRIALS_ATTR, size + TRIALS)
    storage.set_study_user_attr(study, DEFINITION_ATTR, this_definition(config, HARDWARE.name).model_dump(mode="json"))
    copies = {"study": study, "template": storage.get_study_id_from_name(TEMPLATE)}
    with storage.tables.engine.begin() as connection:
        for statement in COPIED:
            connection.execute(sqlalchemy.text(statement), copies)
    return study


def measure(storage: ResilientStorage, name: str) -> dict[str, Any]:
    """The worker's first trial, and the others."""
    times = work(storage, name, Quota(trials=TRIALS), REPORTS)
    return {
        "first_s": times.whole_s[0],
        "storage_s": statistics.median(times.storage_s[1:]),
        "storage_p99_s": statistics.quantiles(times.storage_s[1:], n=100)[98],
        "whole_s": statistics.median(times.whole_s[1:]),
        "whole_p99_s": statistics.quantiles(times.whole_s[1:], n=100)[98],
    }


def command(name: str, study: str, url: str) -> float:
    """Seconds that `hpo NAME` takes."""
    started_at = time.monotonic()
    program = [str(Path(sys.executable).with_name("hpo")), name, "--study", study, "--storage", url]
    subprocess.run(program, check=True, capture_output=True)
    return time.monotonic() - started_at


def dashboard(study_id: int, size: int, url: str) -> dict[str, float]:
    """Seconds in which `hpo dashboard` answers a page that opens a study, and one that asks for news of it."""
    program = [str(Path(sys.executable).with_name("hpo")), "dashboard", "--storage", url, "--port", str(PORT)]
    study = f"http://127.0.0.1:{PORT}/api/studies/{study_id}"
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{PORT}/dashboard/")
            return {
                "dashboard_opens_s": answers(f"{study}?after=0"),
                "dashboard_news_s": answers(f"{study}?after={size}"),
            }
        finally:
            server.terminate()


@tenacity.retry(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.2), reraise=True)
def wait_for(url: str) -> None:
    """Returns once something answers there."""
    answers(url)


def answers(url: str) -> float:
    """Seconds until `url` was read."""
    started_at = time.monotonic()
    with urllib.request.urlopen(url) as answer:  # noqa: S310  (the dashboard of this machine)
        answer.read()
    return time.monotonic() - started_at


if __name__ == "__main__":
    main()
