"""Types commands without the seconds that Python needs to load them: each is a fork of a process that has loaded `hpo`.

It is the installed command but for that: its own process, arguments, environment, working folder, files for its output,
and Python's own way out. One with other variables than its tests have is started as its users start it.
"""

import gc
import os
import pkgutil
import signal
import subprocess
import sys
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

_Request = tuple[tuple[str, ...], dict[str, str], str, tuple[str, str]]
"""Arguments, environment, working folder, files for output and errors."""


class TypedCommands:
    """The process that has loaded `hpo`, and what is asked of it.

    Args:
        program: Path of the installed command.
        folder: For its socket and the output of commands.
    """

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._of_python = _of_python()
        with Listener(str(folder / "socket")) as listener:
            # -P: like the installed command, without the folder of this file among those of modules.
            self._process = subprocess.Popen([sys.executable, "-P", __file__, listener.address])
            self._connection = listener.accept()

    def close(self) -> None:
        """Ends the process."""
        self._connection.close()
        self._process.wait()

    def run(self, *arguments: str, timeout_s: float, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        """Types `hpo` with `arguments`, and with `env` beside the variables of this process, and waits for its end."""
        if env or _of_python() != self._of_python:
            return subprocess.run(
                [self._program, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False,
                env={**os.environ, **env},
            )  # fmt: skip
        out, err = (str(self._folder / name) for name in ("out", "err"))
        request: _Request = (arguments, dict(os.environ), str(Path.cwd()), (out, err))
        self._connection.send(request)
        pid = self._connection.recv()
        if not self._connection.poll(timeout_s):
            os.kill(pid, signal.SIGKILL)
            self._connection.recv()
            raise subprocess.TimeoutExpired(arguments, timeout_s, Path(out).read_bytes(), Path(err).read_bytes())
        status = os.waitstatus_to_exitcode(self._connection.recv())
        return subprocess.CompletedProcess(arguments, status, Path(out).read_text(), Path(err).read_text())


def _of_python() -> dict[str, str]:
    """The variables that Python reads when it starts."""
    return {name: value for name, value in os.environ.items() if name.startswith(("PYTHON", "LC_", "LANG"))}


def _forked(connection: Connection) -> _Request:
    """Answers requests until there are no more; returns one, in a fork that is to become it."""
    while True:
        try:
            request: _Request = connection.recv()
        except EOFError:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            return request
        connection.send(pid)
        connection.send(os.waitpid(pid, 0)[1])


def _become(request: _Request) -> None:
    arguments, environment, folder, output = request
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for descriptor, path in zip((0, 1, 2), (os.devnull, *output), strict=True):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.argv = ["hpo", *arguments]


def _load() -> None:
    """Everything but what only runners load."""
    import hpo

    for module in pkgutil.walk_packages(hpo.__path__, "hpo."):
        if module.name != "hpo.runs.runner_process":
            __import__(module.name)


if __name__ == "__main__":
    with Client(sys.argv[1]) as asked:
        _load()
        gc.freeze()  # what a fork does not look at is not copied for it
        wanted = _forked(asked)
    _become(wanted)
    from hpo.cli import main

    main()
