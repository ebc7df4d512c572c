"""A stack of docker-compose.yml of its own: a copy of the working tree, its own secrets, names and volumes."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
SECRETS = ("owner", "worker", "dashboard")


def wait_for[T](what: str, look: Callable[[], T | bool | None], timeout_s: float) -> T | bool:
    """What `look` gives once that is neither None nor False.

    Raises:
        TimeoutError: It gave nothing for so long.
    """
    deadline = time.monotonic() + timeout_s
    while (found := look()) is None or found is False:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout_s:.0f} s")
        time.sleep(0.25)
    return found


class Stack:
    """One compose project.

    Args:
        folder: Takes the copy of the working tree.
        settings: Variables of docker-compose.yml.
    """

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.project = f"hpo-test-{uuid.uuid4().hex[:8]}"
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.settings = settings
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HPO_")},
            "COMPOSE_PROJECT_NAME": self.project,
            "HPO_DASHBOARD_PORT": str(self.port),
            **settings,
        }
        if subprocess.run(["docker", "buildx", "version"], capture_output=True, check=False).returncode:
            self._environment["DOCKER_BUILDKIT"] = "0"
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
        self._program = ["docker", "compose"] if plugin else ["docker-compose"]
        files = subprocess.run(
            ["git", "-C", REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, text=True,
        ).stdout.split("\0")  # fmt: skip
        for name in filter(None, files):
            source, target = REPOSITORY / name, folder / name
            if source.exists():  # not deleted in the working tree
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
        subprocess.run([folder / "docker/setup.sh"], check=True, env=self._environment)
        self.secrets = [(folder / "docker/secrets" / name).read_text() for name in SECRETS]

    def set(self, name: str, value: str) -> None:
        """Sets a variable of docker-compose.yml."""
        self._environment[name] = value

    def compose(self, *arguments: str) -> None:
        """Runs compose, and shows what it says.

        Raises:
            CalledProcessError: It failed.
        """
        print(f"$ {' '.join([*self._program, *arguments])}", flush=True)
        subprocess.run([*self._program, *arguments], check=True, cwd=self.folder, env=self._environment)

    def run(self, *arguments: str, status: int = 0) -> str:
        """Output of a one-off service, which ends with `status`."""
        command = [*self._program, "run", "--rm", "-T", *arguments]
        print(f"$ {' '.join(command)}", flush=True)
        done = subprocess.run(
            command, check=False, cwd=self.folder, env=self._environment, stdout=subprocess.PIPE, text=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        print(done.stdout, flush=True)
        assert done.returncode == status, f"status {done.returncode}"
        return done.stdout

    def containers(self, service: str | None = None, running: bool = False) -> list[str]:
        """Full ids of the stack's containers, stopped ones included unless `running`."""
        labels = {"com.docker.compose.project": self.project}
        if service is not None:
            labels["com.docker.compose.service"] = service
        filters = [argument for key, value in labels.items() for argument in ("--filter", f"label={key}={value}")]
        return docker("ps", "--quiet", "--no-trunc", *([] if running else ["--all"]), *filters).split()

    def container(self, service: str) -> str:
        """Id of the only container of a service."""
        (found,) = self.containers(service)
        return found

    def trials(self, study: str) -> list[dict[str, Any]]:
        """The study's trials, as the dashboard's role reads them."""
        script = Path(__file__).with_name("trials.py").read_text()
        return list(json.loads(docker("exec", "-i", self.container("dashboard"), "python", "-", study, stdin=script)))

    def sql(self, query: str) -> list[str]:
        """Rows of a query, as the database's owner."""
        psql = ["psql", "--username=hpo", "--dbname=hpo", "--no-align", "--tuples-only", "--command", query]
        return docker("exec", self.container("postgres"), *psql).splitlines()

    def down(self) -> None:
        """Removes containers, networks, and the volumes that this project made: the locks may be another's."""
        self.compose("--profile", "cpu", "--profile", "once", "down", "--remove-orphans")
        volumes = docker("volume", "ls", "--quiet", "--filter", f"label=com.docker.compose.project={self.project}")
        if volumes:
            docker("volume", "rm", *volumes.split())


def docker(*arguments: str, stdin: str | None = None) -> str:
    """Output of docker, where it succeeds.

    Raises:
        RuntimeError: It failed.
    """
    done = subprocess.run(["docker", *arguments], check=False, capture_output=True, text=True, input=stdin)
    if done.returncode:
        raise RuntimeError(f"docker {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def inspect(container: str) -> dict[str, Any]:
    """What docker knows of a container."""
    (found,) = json.loads(docker("inspect", container))
    return dict(found)


def logs(container: str) -> str:
    """What a container wrote to standard output and error."""
    done = subprocess.run(
        ["docker", "logs", container], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout


def catch_in_training(container: str) -> int:
    """Number of a trial whose training has just begun.

    Raises:
        TimeoutError: None began within minutes.
    """
    wait_for("a worker between two trainings", lambda: _trial_in_training(container) is None, 300)
    return wait_for("a worker in training", lambda: _trial_in_training(container), 600)


def _trial_in_training(container: str) -> int | None:
    lines = re.findall(r"^trial (\d+): (.*)$", logs(container), re.MULTILINE)
    return int(lines[-1][0]) if lines and lines[-1][1] == "training" else None


def say(text: str) -> None:
    """A step of the test."""
    print(f"\n== {text}", file=sys.stdout, flush=True)
