"""How do hundreds of workers reach one PostgreSQL: by themselves, through PgBouncer, or through Optuna's gRPC proxy?

Each worker process finishes one trial within a minute, begun at a random moment: with trials of 300 s, five times as
many workers would ask as much. A trial is the same calls of plain Optuna on each way, since hpo itself cannot go
through the proxy: asking for nine parameters, 45 attributes, 30 reports and the result. Needs `pgbouncer` on the PATH,
and grpcio.
"""

import contextlib
import json
import multiprocessing
import os
import pwd
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import optuna
import psutil
import sqlalchemy
from optuna.storages import BaseStorage, GrpcStorageProxy, RDBStorage, get_storage, run_grpc_proxy_server
from sqlalchemy.engine import make_url

from benchmarks.load import percentiles
from benchmarks.paths import RESULTS
from hpo.database.embedded_postgres import embedded_postgres
from samplers import named_space

WORKERS = (32, 128)
TRIAL_S = 60.0
CONNECTED_WITHIN_S = 300.0
LOOK_EVERY_S = 15.0
"""Adding up the memory of a hundred processes takes a good part of a second."""
ATTRIBUTES = 45
REPORTS = 30
POOL = 20
PORT = 13071
STUDY = "connections"
PGBOUNCER = """\
[databases]
{database} = host={sockets} user={user} dbname={database}
[pgbouncer]
unix_socket_dir = {folder}
listen_port = 6432
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 2000
auth_type = any
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""

# The proxy is marked experimental.
warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
optuna.logging.set_verbosity(optuna.logging.ERROR)

type Open = Callable[[], BaseStorage]


def main() -> None:
    if shutil.which("pgbouncer") is None:
        sys.exit("pgbouncer is not on the PATH: apt-get install pgbouncer")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)  # PostgreSQL, started by root, runs as another user
        with embedded_postgres(home) as url:
            RDBStorage(url)  # makes the tables
            for workers in WORKERS:
                for name, way in WAYS.items():
                    rows.append({"way": name, "workers": workers, **measured(way, workers, url)})
                    print(json.dumps(rows[-1]), flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "connections.json").write_text(json.dumps(rows, indent=2) + "\n")


@contextlib.contextmanager
def direct(url: str) -> Iterator[tuple[Open, int | None]]:
    """Each worker has its connection."""
    yield partial(database, url), None


@contextlib.contextmanager
def pooled(url: str) -> Iterator[tuple[Open, int | None]]:
    """PgBouncer gives a worker a connection for a transaction."""
    parsed = make_url(url)
    sockets = Path(str(parsed.query["host"]))
    owner = pwd.getpwuid(psutil.Process(server_pid(url)).uids().real)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.chown(folder, owner.pw_uid)
        text = PGBOUNCER.format(
            database=parsed.database, sockets=sockets, user=parsed.username, folder=folder, pool=POOL
        )
        (folder / "pgbouncer.ini").write_text(text)
        as_owner = {"user": owner.pw_uid, "group": owner.pw_gid} if os.geteuid() == 0 else {}
        with subprocess.Popen(["pgbouncer", "-q", folder / "pgbouncer.ini"], **as_owner) as pooler:  # type: ignore[call-overload]
            try:
                wait_for(folder / ".s.PGSQL.6432")
                through = parsed.set(query={"host": str(folder)}, port=6432).render_as_string(hide_password=False)
                yield partial(database, through), pooler.pid
            finally:
                pooler.terminate()


@contextlib.contextmanager
def proxied(url: str) -> Iterator[tuple[Open, int | None]]:
    """Optuna's proxy asks for all of them, with as many threads as PgBouncer has connections."""
    proxy = multiprocessing.get_context("spawn").Process(target=serve, args=(url,))
    proxy.start()
    GrpcStorageProxy(host="localhost", port=PORT).wait_server_ready(timeout=60)
    try:
        yield partial(GrpcStorageProxy, host="localhost", port=PORT), proxy.pid
    finally:
        proxy.terminate()
        proxy.join()


WAYS = {"direct": direct, "PgBouncer": pooled, "gRPC proxy": proxied}


def serve(url: str) -> None:
    """The gRPC proxy's process."""
    options = {"pool_size": POOL, "max_overflow": 0}
    storage = get_storage(RDBStorage(url, engine_kwargs=options))  # type: ignore[arg-type]
    run_grpc_proxy_server(storage, port=PORT, thread_pool=ThreadPoolExecutor(POOL))


def database(url: str) -> BaseStorage:
    """The storage of one worker."""
    options = {"pool_size": 1, "max_overflow": 1, "pool_pre_ping": True}
    return get_storage(RDBStorage(url, engine_kwargs=options, skip_compatibility_check=True, skip_table_creation=True))


def measured(way: Any, workers: int, url: str) -> dict[str, Any]:
    """What the workers report, and the most that the server had to bear."""
    optuna.create_study(study_name=STUDY, storage=url, direction="maximize")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["optuna.storages._rdb.storage", "grpc", "samplers"])
    queue, connected = context.SimpleQueue(), context.Barrier(workers)
    reports: list[dict[str, Any]] = []
    most = {"connections": 0, "server_mb": 0.0, "between_mb": 0.0}
    before = cpu_s(server_pid(url))
    with way(url) as (opened, between):
        processes = [context.Process(target=worker, args=(opened, seed, connected, queue)) for seed in range(workers)]
        for process in processes:
            process.start()
        while len(reports) < workers and (any(p.is_alive() for p in processes) or not queue.empty()):
            now = burden(url, between)
            most = {key: max(most[key], now[key]) for key in most}
            while not queue.empty():
                reports.append(queue.get())
            time.sleep(LOOK_EVERY_S)
        for process in processes:
            process.join()
        taken = {"server_cpu_s": cpu_s(server_pid(url)) - before, "between_cpu_s": cpu_s(between) if between else 0.0}
    times = [report["trial_s"] for report in reports if report["trial_s"] is not None]
    finished = optuna.load_study(study_name=STUDY, storage=url).get_trials(states=(optuna.trial.TrialState.COMPLETE,))
    optuna.delete_study(study_name=STUDY, storage=url)
    return {
        "finished": len(finished),
        "trial_s": percentiles(times),
        "errors": sorted({report["error"] for report in reports if report["error"]}),
        **most,
        **taken,
    }


def worker(opened: Open, seed: int, connected: Any, queue: Any) -> None:
    """A worker's process: connects, waits for the others and for its moment, and stores its trial."""
    report: dict[str, Any] = {"trial_s": None, "error": ""}
    try:
        store_trial(optuna.create_study(sampler=optuna.samplers.RandomSampler()))
        study = optuna.load_study(study_name=STUDY, storage=opened(), sampler=optuna.samplers.RandomSampler(seed))
        connected.wait(CONNECTED_WITHIN_S)  # all it has to import it has imported
        time.sleep(random.Random(seed).uniform(0, TRIAL_S))  # noqa: S311
        started_at = time.monotonic()
        store_trial(study)
        report["trial_s"] = time.monotonic() - started_at
    except Exception as error:  # noqa: BLE001  (whatever a user would see is what is measured)
        report["error"] = f"{type(error).__name__}: {error}"[:200]
    queue.put(report)


def store_trial(study: optuna.Study) -> None:
    """What a trial says to its storage."""
    trial = study.ask(named_space("sac").distributions())
    for number in range(ATTRIBUTES):
        trial.set_user_attr(f"attribute {number}", number)
    for step in range(REPORTS):
        trial.report(float(step), step)
    study.tell(trial, 1.0)


def burden(url: str, between: int | None) -> dict[str, float]:
    """Connections to the server, memory of its processes, and of the process between."""
    server = psutil.Process(server_pid(url))
    mb = [megabytes(process) for process in server.children()]
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    count = sqlalchemy.text("SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'")
    with engine.connect() as connection:
        connections = connection.execute(count).scalar_one()
    return {
        "connections": connections,
        "server_mb": sum(mb),
        "between_mb": megabytes(psutil.Process(between)) if between else 0.0,
    }


def megabytes(process: psutil.Process) -> float:
    """Proportional set size; 0 for a process that has just ended."""
    try:
        return float(process.memory_full_info().pss / 1e6)
    except psutil.NoSuchProcess:
        return 0.0


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and of its children, ended ones included."""
    seconds = 0.0
    for process in (*psutil.Process(pid).children(), psutil.Process(pid)):
        with contextlib.suppress(psutil.NoSuchProcess):  # its parent has its seconds now
            times = process.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def server_pid(url: str) -> int:
    """The embedded PostgreSQL's first process."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:
        folder = Path(connection.execute(sqlalchemy.text("SHOW data_directory")).scalar_one())
    return int((folder / "postmaster.pid").read_text().split()[0])


def wait_for(path: Path) -> None:
    """Until something listens at a Unix socket."""
    for _ in range(100):
        with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
            connection.connect(str(path))
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens at {path}")


if __name__ == "__main__":
    main()
