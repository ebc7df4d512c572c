"""Does a study hold when many workers finish trials at once?

64 worker processes finish a study of 3200 trials on one PostgreSQL, the embedded one on its Unix socket. The objective
is trivial; storage, sampler, heartbeats, trial records, reports and the study's cap are what `hpo worker` has.
"""

import json
import logging
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy
from optuna.trial import TrialState

from benchmarks.paths import RESULTS
from benchmarks.stub_worker import HARDWARE, Warnings, work
from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.storage import open_storage
from hpo.studies.study import create_study, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.worker import Quota

WORKERS = 64
TRIALS_EACH = 50
REPORTS = 30
STUDY = "load"
TROUBLES = ("deadlock detected", "could not serialize", "too many clients", "remaining connection slots")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)  # PostgreSQL, started by root, runs as another user
        with embedded_postgres(home) as url, open_storage(url, home) as storage:
            n_trials = WORKERS * TRIALS_EACH
            config = load_study_config(builtin_studies()["sac-speed"], {"n_trials": n_trials})
            study = create_study(storage, STUDY, this_definition(config, HARDWARE.name)).study
            started_at = time.monotonic()
            reports, most_connections = run_workers(url)
            wall_s = time.monotonic() - started_at
            trials = study.get_trials(deepcopy=False)
        log = (home / "postgres" / "log").read_text()
    times = [s for report in reports for s in report.get("storage_s", [])]
    finished = Counter(number for report in reports for number in report.get("numbers", []))
    result = {
        "workers": WORKERS,
        "cores": os.cpu_count(),
        "trials": n_trials,
        "wall_s": wall_s,
        "trials_per_s": len(times) / wall_s,
        "states": Counter(trial.state.name for trial in trials),
        "lost": n_trials - sum(trial.state is TrialState.COMPLETE for trial in trials),
        "doubled": sum(count - 1 for count in finished.values()) + len(trials) - len({t.number for t in trials}),
        "errors_seen_by_a_user": [report["error"] for report in reports if "error" in report],
        "warnings_seen_by_a_user": Counter(line for report in reports for line in report.get("warnings", [])),
        "in_the_servers_log": {trouble: log.count(trouble) for trouble in TROUBLES},
        "most_connections": most_connections,
        "storage_s_per_trial": percentiles(times),
        "whole_s_per_trial": percentiles([s for report in reports for s in report.get("whole_s", [])]),
        "most_memory_of_a_worker_mb": max(report.get("memory_mb", 0) for report in reports),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "load.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def run_workers(url: str) -> tuple[list[dict[str, Any]], int]:
    """Has them all work to the end; gives what each reports, and the most connections the server had at once."""
    context = multiprocessing.get_context("forkserver")
    # What a worker imports is read once, not 64 times; each process has its own storage and study.
    alembic = ["alembic.command", "alembic.migration", "alembic.script"]
    context.set_forkserver_preload(["benchmarks.stub_worker", "hpo.database.storage", *alembic, "cmaes"])
    queue = context.SimpleQueue()
    processes = [context.Process(target=run_worker, args=(url, queue)) for _ in range(WORKERS)]
    for process in processes:
        process.start()
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    count = sqlalchemy.text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    reports: list[dict[str, Any]] = []
    most = 0
    with engine.connect() as connection:
        while len(reports) < WORKERS and (any(p.is_alive() for p in processes) or not queue.empty()):
            most = max(most, connection.execute(count).scalar_one())
            while not queue.empty():
                reports.append(queue.get())
            time.sleep(0.2)
    engine.dispose()
    for process in processes:
        process.join()
    dead = [{"error": f"exit status {p.exitcode}"} for p in processes if p.exitcode]
    return [*reports, *dead], most


def run_worker(url: str, queue: Any) -> None:
    """One worker process."""
    warnings = Warnings()
    logging.getLogger("hpo").addHandler(warnings)
    try:
        with open_storage(url, Path(), for_worker=True) as storage:
            times = work(storage, STUDY, Quota(), REPORTS)
    except Exception as error:  # noqa: BLE001  (whatever a user would see is what is measured)
        queue.put({"error": f"{type(error).__name__}: {error}", "warnings": warnings.lines})
        return
    queue.put(
        {
            "numbers": times.numbers,
            "storage_s": times.storage_s,
            "whole_s": times.whole_s,
            "warnings": warnings.lines,
            "memory_mb": psutil.Process().memory_full_info().pss / 1e6,
        }
    )


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    if len(seconds) < 2:
        return {}
    return {"p50": statistics.median(seconds), "p99": statistics.quantiles(seconds, n=100)[98]}


if __name__ == "__main__":
    main()
