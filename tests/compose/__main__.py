"""The stack of docker-compose.yml, for real: a study on the CPU, with faults.

Builds the images, starts everything with secrets of its own, and looks whether every trial is accounted for after a
worker is killed, another is stopped and the database is restarted, each in the middle of a trial. Removes what it
started; images stay, tagged `compose-test`, as a cache for the next time. Takes about five minutes beside the build.
"""

import argparse
import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from tests.compose.base_images import postgres_image, python_image
from tests.compose.stack import REPOSITORY, Stack, catch_in_training, docker, inspect, logs, say, wait_for

STUDY = "compose"
N_TRIALS = 12
HOST = "compose-test-machine"
STOP_GRACE_S = 60
SILENCE_S = 90
"""After which a worker counts as dead (`hpo.database.storage.GRACE_PERIOD_S`)."""


def main() -> None:
    """Runs the acts in their order; an exception ends the program with its traceback."""
    parser = argparse.ArgumentParser(prog="python -m tests.compose", description=__doc__)
    parser.add_argument(
        "--make-base-images", action="store_true", help="make stand-ins for the base images instead of pulling them"
    )
    made = parser.parse_args().make_base_images
    images = {"HPO_BASE_IMAGE": python_image(REPOSITORY), "HPO_POSTGRES_IMAGE": postgres_image()} if made else {}
    commit = subprocess.run(
        ["git", "-C", REPOSITORY, "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    settings = {
        **images,
        "HPO_TAG": "compose-test",
        "HPO_GIT_COMMIT": commit,
        "HPO_HOST": HOST,
        "HPO_STUDY": STUDY,
        "HPO_WORKER_OPTIONS": f"--config quickstart --n-trials {N_TRIALS} --budget 5s --n-eval-episodes 8",
    }
    with tempfile.TemporaryDirectory(prefix="hpo-compose-") as folder:
        stack = Stack(Path(folder), settings)
        try:
            play(stack, commit)
        except BaseException:
            for container in stack.containers():
                print(f"\n-- {inspect(container)['Name']}\n{logs(container)[-4000:]}")
            raise
        finally:
            say("clean up")
            stack.down()
            assert not stack.containers()
    say("passed")


def play(stack: Stack, commit: str) -> None:
    """All acts."""
    build_and_start(stack)
    stack.compose("up", "--detach", "--scale", "worker-cpu=2", "worker-cpu")
    workers = stack.containers("worker-cpu")
    two_workers_work(stack, workers)
    killed = kill_a_worker(stack, workers[0])
    killed_at = time.monotonic()
    restarted = restart_the_database(stack, workers[1])
    stopped = stop_a_worker(stack, workers[1])
    finish(stack, killed_at + SILENCE_S)
    account(stack.trials(STUDY), killed, restarted, stopped, commit)
    commands_answer(stack, restarted)
    replay(stack)
    the_dashboard_only_looks(stack)
    nothing_shows_a_secret(stack)
    another_machine(stack)


def build_and_start(stack: Stack) -> None:
    """Database and dashboard."""
    say("build, and start the database and the dashboard")
    stack.compose("build", "dashboard", "worker-cpu")
    stack.compose("up", "--detach", "dashboard")
    wait_for("a healthy dashboard", lambda: health(stack.container("dashboard")) == "healthy", 300)
    the_page_is_there(stack)
    only_the_dashboard_is_published_and_only_here(stack)


def two_workers_work(stack: Stack, workers: list[str]) -> None:
    """Both train, as another user than root, and know of each other."""
    say("two workers")
    assert len(workers) == 2
    nobody_is_root(stack)
    wait_for("trials in both workers", lambda: all(": training\n" in logs(worker) for worker in workers), 900)
    # The locks are on a volume of the machine: whoever came second saw the first.
    assert sum("another hpo worker uses this CPU" in logs(worker) for worker in workers) == 1
    nothing_shows_a_secret(stack)


def kill_a_worker(stack: Stack, worker: str) -> int:
    """Kills it in the middle of a trial; gives the trial's number."""
    killed = catch_in_training(worker)
    docker("kill", worker)
    assert state(stack, killed) == "RUNNING"
    say(f"killed a worker in the middle of trial {killed}")
    return killed


def restart_the_database(stack: Stack, worker: str) -> int:
    """Restarts it in the middle of a trial, which must complete; gives the trial's number."""
    restarted = catch_in_training(worker)
    docker("restart", stack.container("postgres"))
    say(f"restarted the database in the middle of trial {restarted}")
    wait_for("a healthy database", lambda: health(stack.container("postgres")) == "healthy", 300)
    wait_for(f"the end of trial {restarted}", lambda: state(stack, restarted) == "COMPLETE", 600)
    return restarted


def stop_a_worker(stack: Stack, worker: str) -> int:
    """Stops it in the middle of a trial, which it must hand back; gives the trial's number."""
    stopped = catch_in_training(worker)
    began = time.monotonic()
    docker("stop", "--time", str(STOP_GRACE_S), worker)
    took_s = time.monotonic() - began
    assert inspect(worker)["State"]["ExitCode"] == 128 + signal.SIGTERM, "the worker was killed, or failed"
    assert took_s < STOP_GRACE_S
    assert re.search(rf"^trial {stopped}: .*handed back: the worker was stopped", logs(worker), re.MULTILINE)
    assert state(stack, stopped) == "FAIL"
    assert [t["state"] for t in stack.trials(STUDY) if t["retry_of"] == stopped] == ["WAITING"]
    say(f"stopped the other worker: it handed back trial {stopped} and left within {took_s:.1f} s")
    return stopped


def finish(stack: Stack, silent_until: float) -> None:
    """Both workers come back and finish the study, the dead worker's trial included."""
    say("both workers come back and finish the study")
    stack.compose("up", "--detach", "--scale", "worker-cpu=2", "worker-cpu")
    everybody_left(stack)
    # The workers may have finished the rest before the dead one's silence was long enough.
    time.sleep(max(0, silent_until + 15 - time.monotonic()))
    stack.run("hpo", "reap", "--study", STUDY)
    stack.compose("up", "--detach", "worker-cpu")
    everybody_left(stack)


def account(trials: list[dict[str, Any]], killed: int, restarted: int, stopped: int, commit: str) -> None:
    """Every trial is accounted for."""
    say("every trial is accounted for")
    every_slot_is_finished_once(trials)
    by_number = {trial["number"]: trial for trial in trials}
    assert by_number[killed]["state"] == by_number[stopped]["state"] == "FAIL"
    assert [t["retries"] for t in trials if t["retry_of"] == killed] == [1]
    assert [t["retries"] for t in trials if t["retry_of"] == stopped] == [0]
    assert by_number[restarted]["state"] == "COMPLETE"
    assert {trial["host"] for trial in trials} == {HOST}
    assert {trial["git_commit"] for trial in trials} == {commit}
    assert len({trial["hardware"] for trial in trials}) == 1
    # Without the process id, which a container that is started again may have another of.
    logs_of = {trial["log"].rpartition("-")[0] for trial in trials}
    assert len(logs_of) == 2, f"each worker writes a log of its own: {logs_of}"


def commands_answer(stack: Stack, trial: int) -> None:
    """The one-off service for every other command."""
    (summary,) = json.loads(stack.run("hpo", "status", "--study", STUDY, "--json"))
    assert (summary["complete"], summary["running"], summary["waiting"]) == (N_TRIALS, 0, 0)
    log = stack.run("hpo", "logs", str(trial), "--study", STUDY)
    assert "runner's output: /var/lib/hpo/logs/worker-" in log
    assert "there" not in log, "the log lies on this machine's volume"


def replay(stack: Stack) -> None:
    """As a one-off run."""
    say("replay")
    stack.run("replay-cpu", "--study", STUDY, "--top", "2", "--seeds", "2")
    (done,) = (s for s in json.loads(stack.run("hpo", "status", "--json")) if s["replay_of"] == STUDY)
    assert (done["complete"], done["running"], done["waiting"], done["fail"]) == (4, 0, 0, 0)


def the_dashboard_only_looks(stack: Stack) -> None:
    """Its role may change nothing, and its image cannot train."""
    say("the dashboard looks and does not touch")
    the_page_is_there(stack)
    dashboard = stack.container("dashboard")
    refused = subprocess.run(
        ["docker", "exec", dashboard, "hpo", "stop", "--study", STUDY], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "permission denied" in refused.stderr, refused.stderr
    find = "import importlib.util as u; print([m for m in ('jax', 'torch', 'sbx') if u.find_spec(m)])"
    assert docker("exec", dashboard, "python", "-c", find).strip() == "[]"


def another_machine(stack: Stack) -> None:
    """The database is published, and another stack's worker takes it; encrypted, or not at all."""
    say("a worker of another machine")
    (network,) = json.loads(docker("network", "inspect", f"{stack.project}_default"))
    address = network["IPAM"]["Config"][0]["Gateway"]  # of this machine, and seen by its containers only
    certify(stack.folder / "docker/secrets", address)
    stack.set("COMPOSE_FILE", "docker-compose.yml:docker/published-database.yml")
    stack.set("HPO_DATABASE_ADDRESS", address)
    stack.compose("up", "--detach", "dashboard")
    with tempfile.TemporaryDirectory(prefix="hpo-compose-") as folder:
        other = Stack(Path(folder), stack.settings)
        try:
            for name in ("worker", "ca.crt"):
                shutil.copy(stack.folder / "docker/secrets" / name, other.folder / "docker/secrets" / name)
            database = f"{address}:5432/hpo"
            other.set("COMPOSE_FILE", "docker-compose.yml:docker/remote-database.yml")
            other.set("HPO_DATABASE", database)
            options = ["--device", "cpu", "--study", "remote", "--config", "quickstart", "--budget", "2s"]
            once = ["--no-deps", "worker-cpu", "worker", *options, "--n-trials", "1", "--set", "n_eval_episodes=8"]
            assert "remote: 1 complete" in other.run(*once)
            plain = f"HPO_STORAGE=postgresql://hpo_worker@{database}?sslmode=disable"
            other.run("--no-deps", "-e", plain, "hpo", "status", status=1)
        finally:
            other.down()


def certify(folder: Path, address: str) -> None:
    """A certificate authority in `ca.crt`, and a server's certificate and key for an address."""
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    authority = [*openssl, "-subj", "/CN=ca", "-keyout", folder / "ca.key", "-out", folder / "ca.crt"]
    subprocess.run(authority, check=True, capture_output=True)
    server = [*openssl, "-subj", "/CN=server", "-addext", f"subjectAltName=IP:{address}"]
    signed = ["-CA", folder / "ca.crt", "-CAkey", folder / "ca.key"]
    files = ["-keyout", folder / "server.key", "-out", folder / "server.crt"]
    subprocess.run([*server, *signed, *files], check=True, capture_output=True)
    (folder / "ca.crt").chmod(0o644)
    # The server takes a key of root's that its group may read.
    group = (folder / "owner").stat().st_gid
    for name in ("server.key", "server.crt"):
        shutil.chown(folder / name, group=group)
        (folder / name).chmod(0o640)


def the_page_is_there(stack: Stack) -> None:
    """The dashboard answers on this machine's loopback address."""
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/dashboard", timeout=10) as page:
        assert "optuna" in page.read().decode().lower()
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/api/studies", timeout=10) as answer:
        print(f"the dashboard lists {[s['study_name'] for s in json.load(answer)['study_summaries']]}")


def only_the_dashboard_is_published_and_only_here(stack: Stack) -> None:
    """No other service can be reached from outside."""
    published = {
        inspect(container)["Config"]["Labels"]["com.docker.compose.service"]: [
            binding["HostIp"] for bindings in inspect(container)["NetworkSettings"]["Ports"].values()
            for binding in bindings or ()
        ]
        for container in stack.containers(running=True)
    }  # fmt: skip
    assert published == {"dashboard": ["127.0.0.1"], "postgres": []}


def nobody_is_root(stack: Stack) -> None:
    """Every process of every container runs as another user."""
    for container in stack.containers(running=True):
        users = [line.split()[0] for line in docker("top", container, "-eo", "uid,pid").splitlines()[1:]]
        assert users
        assert "0" not in users, inspect(container)["Name"]


def nothing_shows_a_secret(stack: Stack) -> None:
    """Passwords are neither in what docker tells of containers, nor in their arguments, nor in what they write."""
    running = stack.containers(running=True)
    for container in stack.containers():
        shown = docker("inspect", container) + logs(container)
        if container in running:
            shown += docker("top", container, "-eo", "pid,args")
        assert not [secret for secret in stack.secrets if secret in shown], inspect(container)["Name"]


def everybody_left(stack: Stack) -> None:
    """The workers found nothing more to do."""
    wait_for("the end of the workers", lambda: not stack.containers("worker-cpu", running=True), 1800)
    codes = [inspect(worker)["State"]["ExitCode"] for worker in stack.containers("worker-cpu")]
    assert set(codes) == {0}, codes


def every_slot_is_finished_once(trials: list[dict[str, Any]]) -> None:
    """Each of the slots has one chain of trials: failed ones, and a complete one at its end."""
    print("\n".join(f"{t['number']:3} {t['state']:9} retry of {t['retry_of']}, lost {t['retries']}" for t in trials))
    assert not [trial for trial in trials if trial["state"] not in ("COMPLETE", "FAIL")]
    replaced = Counter(trial["retry_of"] for trial in trials if trial["retry_of"] is not None)
    assert set(replaced.values()) <= {1}, "a trial was replaced twice"
    assert set(replaced) == {trial["number"] for trial in trials if trial["state"] == "FAIL"}
    by_number = {trial["number"]: trial for trial in trials}
    for trial in trials:
        if trial["retry_of"] is not None:
            assert trial["params"] == by_number[trial["retry_of"]]["params"]
    assert sum(trial["retry_of"] is None for trial in trials) == N_TRIALS
    assert sum(trial["state"] == "COMPLETE" for trial in trials) == N_TRIALS


def state(stack: Stack, number: int) -> str:
    """State of a trial of the study, as the database has it."""
    query = "SELECT state FROM trials JOIN studies USING (study_id) WHERE study_name = '{}' AND number = {}"
    (found,) = stack.sql(query.format(STUDY, number))
    return found


def health(container: str) -> str:
    """`starting`, `healthy` or `unhealthy`."""
    return str(inspect(container)["State"]["Health"]["Status"])


if __name__ == "__main__":
    main()
