"""From how many workers on does a fleet need something between it and PostgreSQL?

N workers do what a trial of five minutes asks of the storage, at its pace: create, parameters, attributes, reports,
heartbeats, a look at the study's orders every five seconds, tell. Each is a thread with a storage of its own, in two
processes. They reach the same server directly, through PgBouncer in transaction mode (`pgbouncer` must be installed),
and through Optuna's gRPC proxy (`grpcio`), in turn. The proxy takes neither heartbeats nor hpo's storage.
"""

import json
import multiprocessing
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import optuna
import psutil
import sqlalchemy
from optuna.storages import BaseStorage
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.trial import TrialState

from benchmarks.paths import RESULTS
from hpo.embedded_postgres import embedded_postgres
from hpo.storage import open_storage
from samplers import named_space

NUMBERS = (32, 128, 256)
PROCESSES = 2
BETWEEN_S = 1.6
"""190 operations in five minutes."""
SETTLE_S, MEASURE_S = 15.0, 30.0
STUDY = "connections"
POOLER = """
[databases]
postgres = host={host} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
max_client_conn = 2000
logfile = {folder}/pgbouncer.log
"""
PROXY = """
import sys
import optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
storage = optuna.storages.RDBStorage(sys.argv[1], engine_kwargs={"pool_size": 20})
optuna.storages.run_grpc_proxy_server(storage, host="127.0.0.1", port=int(sys.argv[2]), thread_pool_size=20)
"""


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)  # PostgreSQL, started by root, runs as another user
        with embedded_postgres(home) as url:
            administrator = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
            with administrator.connect() as connection:
                connection.execute(sqlalchemy.text("ALTER SYSTEM SET max_connections = 600"))
            administrator.dispose()
        with embedded_postgres(home) as url, open_storage(url, home) as storage:
            optuna.create_study(study_name=STUDY, storage=storage)
            for number in NUMBERS:
                for way, reached in (("direct", direct), ("pgbouncer", pgbouncer), ("grpc", grpc_proxy)):
                    with reached(url, home) as (address, server):
                        row = {"workers": number, "way": way, **measure(way, address, number, home, server)}
                    rows.append(row)
                    print(json.dumps(row), flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "connections.json").write_text(json.dumps(rows, indent=2) + "\n")


def direct(url: str, home: Path) -> AbstractContextManager[tuple[str, psutil.Process | None]]:
    return nullcontext((url, None))


@contextmanager
def pgbouncer(url: str, home: Path) -> Iterator[tuple[str, psutil.Process]]:
    port = free_port()
    folder = home / "pgbouncer"
    folder.mkdir(exist_ok=True)
    (folder / "pgbouncer.ini").write_text(
        POOLER.format(host=sqlalchemy.make_url(url).query["host"], port=port, folder=folder)
    )
    program = [shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", "-q", str(folder / "pgbouncer.ini")]
    if os.geteuid() == 0:  # which PgBouncer refuses
        shutil.chown(folder, "nobody")
        program = ["setpriv", "--reuid=nobody", "--clear-groups", *program]
    with serving(program, port) as server:
        yield f"postgresql+psycopg2://postgres@127.0.0.1:{port}/postgres", server


@contextmanager
def grpc_proxy(url: str, home: Path) -> Iterator[tuple[str, psutil.Process]]:
    port = free_port()
    with serving([sys.executable, "-W", "ignore", "-c", PROXY, url, str(port)], port) as server:
        yield str(port), server


@contextmanager
def serving(program: list[str], port: int) -> Iterator[psutil.Process]:
    """Runs `program` until the context ends, from when it answers at `port`."""
    with subprocess.Popen(program) as process:
        try:
            while socket.socket().connect_ex(("127.0.0.1", port)):
                assert process.poll() is None, "it does not start"
                time.sleep(0.2)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def measure(way: str, address: str, number: int, home: Path, server: psutil.Process | None) -> dict[str, Any]:
    """Latencies and the server's memory while `number` workers are at it."""
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    stop_at = time.time() + SETTLE_S + MEASURE_S + number * 0.1  # opening takes its time
    share = number // PROCESSES
    processes = [context.Process(target=many, args=(way, address, share, stop_at, queue)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    time.sleep(max(0.0, stop_at - 5 - time.time()))
    backends = postmaster(home).children()
    memory = {
        "postgres_mb": sum(p.memory_full_info().pss for p in backends) / 1e6,
        "between_mb": 0.0 if server is None else server.memory_full_info().pss / 1e6,
        "between_cpu": None if server is None else server.cpu_percent(interval=3) / 100,
        "backends": len(backends),
    }
    reports = [queue.get() for _ in processes]
    for process in processes:
        process.join()
    latencies = [s for report in reports for s in report["latencies"]]
    return {
        "operations_per_s": len(latencies) / MEASURE_S,
        "p50_ms": 1000 * statistics.median(latencies),
        "p99_ms": 1000 * statistics.quantiles(latencies, n=100)[98],
        "errors": [line for report in reports for line in report["errors"]][:3],
        "client_cpu": sum(report["cpu"] for report in reports),
        **memory,
    }


def postmaster(home: Path) -> psutil.Process:
    return psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))


def many(way: str, address: str, number: int, stop_at: float, queue: Any) -> None:
    """A process's workers."""
    latencies: list[float] = []
    errors: list[str] = []

    def timed(operation: Callable[[], Any]) -> Any:
        started_at = time.perf_counter()
        result = operation()
        if time.time() > stop_at - MEASURE_S:
            latencies.append(time.perf_counter() - started_at)
        return result

    def one() -> None:
        try:
            with opened(way, address) as storage:
                trials(storage, timed, stop_at)
        except Exception as error:  # noqa: BLE001  (what a user would see is what is measured)
            errors.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    time.sleep(max(0.0, stop_at - MEASURE_S - time.time()))
    before = time.process_time()
    for thread in threads:
        thread.join()
    queue.put({"latencies": latencies, "errors": errors, "cpu": (time.process_time() - before) / MEASURE_S})


def opened(way: str, address: str) -> AbstractContextManager[BaseStorage]:
    if way != "grpc":
        return open_storage(address, Path())
    return nullcontext(optuna.storages.GrpcStorageProxy(host="127.0.0.1", port=int(address)))


def trials(storage: BaseStorage, timed: Callable[[Callable[[], Any]], Any], stop_at: float) -> None:
    """One trial after another."""
    study = storage.get_study_id_from_name(STUDY)
    while time.time() < stop_at:
        trial = timed(lambda: storage.create_new_trial(study))
        for operation in operations(storage, study, trial):
            time.sleep(random.uniform(0, 2 * BETWEEN_S))  # noqa: S311
            if time.time() > stop_at:
                return
            timed(operation)


def operations(storage: BaseStorage, study: int, trial: int) -> list[Callable[[], Any]]:
    """What a trial asks of the storage from its beginning to its end."""
    asked: list[Callable[[], Any]] = [
        *(partial(storage.set_trial_param, trial, n, d.low, d) for n, d in named_space("sac").distributions().items()),
        *(partial(storage.set_trial_user_attr, trial, f"attribute {n}", n) for n in range(47)),
        *(partial(storage.set_trial_intermediate_value, trial, n, 0.5) for n in range(30)),
        *(partial(storage.get_study_user_attrs, study) for _ in range(60)),
    ]
    if isinstance(storage, BaseHeartbeat):
        asked += [partial(storage.record_heartbeat, trial) for _ in range(20)]
    random.shuffle(asked)
    return [*asked, partial(storage.set_trial_state_values, trial, TrialState.COMPLETE, [1.0])]


if __name__ == "__main__":
    main()
