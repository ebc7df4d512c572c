"""What does a trial cost the storage as its study grows?

Studies of 100 to 10 000 finished trials, written straight into the tables; one worker finishes 30 more in each, with a
stub for a runner and 30 reports. The first trial of a fresh worker, which reads the whole study, is told apart.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from optuna.storages import BaseStorage

from benchmarks.paths import RESULTS
from benchmarks.stub_worker import HARDWARE, work
from benchmarks.written_study import write_study
from hpo.embedded_postgres import embedded_postgres
from hpo.storage import open_storage
from hpo.study import DEFINITION_ATTR, this_definition
from hpo.study_config import builtin_studies, load_study_config
from hpo.trial_slots import N_TRIALS_ATTR
from hpo.worker import Quota

SIZES = (100, 300, 1000, 3000, 10_000)
TRIALS = 31
REPORTS = 30


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)  # PostgreSQL, started by root, runs as another user
        with embedded_postgres(home) as url:
            for size in SIZES:
                with open_storage(url, home) as storage:
                    write(storage, str(size), size)
                with open_storage(url, home, for_worker=True) as storage:
                    rows.append({"finished_trials": size, **measure(storage, str(size))})
                rows[-1] |= {f"{c}_s": command(c, str(size), url) for c in ("status", "best")}
                print(json.dumps(rows[-1]), flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "growth.json").write_text(json.dumps(rows, indent=2) + "\n")


def write(storage: BaseStorage, name: str, size: int) -> None:
    """A study of hpo's with `size` finished trials."""
    config = load_study_config(builtin_studies()["sac-speed"], {"n_trials": size + TRIALS})
    write_study(storage, name, size)
    study = storage.get_study_id_from_name(name)
    storage.set_study_user_attr(study, N_TRIALS_ATTR, size + TRIALS)
    storage.set_study_user_attr(study, DEFINITION_ATTR, this_definition(config, HARDWARE.name).model_dump(mode="json"))


def measure(storage: BaseStorage, name: str) -> dict[str, Any]:
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


if __name__ == "__main__":
    main()
