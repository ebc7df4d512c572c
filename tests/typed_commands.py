"""Types commands without the seconds that Python needs to load them: each is a fork of a process that has loaded `hpo`.

It is the installed command but for that: its own process, arguments, environment, working folder, files for its output,
and Python's own way out. One with other variables for Python, or for what loads it, is started as its users start it.
"""

import gc
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

_Command = tuple[tuple[str, ...], dict[str, str], str, tuple[str, str]]
"""Arguments, environment, working folder, files for output and errors."""
_Ask = tuple[int, int]
"""For the end of a process: its number, and `os.WNOHANG` for what is known without waiting."""


class TypedCommands:
    """The process that has loaded `hpo`, and what is asked of it.

    Args:
        program: Path of the installed command.
        folder: For its socket and the output of commands.
    """

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._read_at_start = _read_at_start(os.environ)
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
        environment = {**os.environ, **env}
        if _read_at_start(environment) != self._read_at_start:
            return subprocess.run(
                [self._program, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False,
                env=environment,
            )  # fmt: skip
        out, err = (self._folder / name for name in ("out", "err"))
        pid = self._fork(arguments, environment, out, err)
        self._connection.send((pid, 0))
        if not self._connection.poll(timeout_s):
            os.kill(pid, signal.SIGKILL)
            self._connection.recv()
            raise subprocess.TimeoutExpired(arguments, timeout_s, out.read_bytes(), err.read_bytes())
        status = os.waitstatus_to_exitcode(self._connection.recv()[1])
        return subprocess.CompletedProcess(arguments, status, out.read_text(), err.read_text())

    def start(self, *arguments: str, log: Path) -> "ForkedCommand":
        """Types `hpo` with `arguments` and leaves it running; `log` has its standard output and error."""
        log.touch()  # it is looked at before the fork opens it
        environment = dict(os.environ)
        assert _read_at_start(environment) == self._read_at_start, "a fork comes too late for such variables"
        return ForkedCommand(self._fork(arguments, environment, log, log), self._connection)

    def _fork(self, arguments: tuple[str, ...], environment: dict[str, str], out: Path, err: Path) -> int:
        command: _Command = (arguments, environment, str(Path.cwd()), (str(out), str(err)))
        self._connection.send(command)
        return int(self._connection.recv())


class ForkedCommand:
    """A command that is left running. It is no child of this process, which asks for its end by `connection`."""

    def __init__(self, pid: int, connection: Connection) -> None:
        self.pid = pid
        self._connection = connection
        self._returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit status, negative for a signal; None: it runs."""
        if self._returncode is None:
            self._connection.send((self.pid, os.WNOHANG))
            ended, status = self._connection.recv()
            if ended:
                self._returncode = os.waitstatus_to_exitcode(status)
        return self._returncode

    def wait(self, timeout_s: float) -> int:
        """Its exit status, once it has ended."""
        deadline = time.monotonic() + timeout_s
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout_s)
            time.sleep(0.05)
        return status

    def send_signal(self, number: int) -> None:
        """Nothing happens to one that has ended: its number may be another's."""
        if self.poll() is None:
            os.kill(self.pid, number)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that Python, and what loads it, read when it starts."""
    return {name: value for name, value in environment.items() if name.startswith(("PYTHON", "LC_", "LANG", "LD_"))}


def _forked(connection: Connection) -> _Command:
    """Answers requests until there are no more; returns a command, in a fork that is to become it."""
    while True:
        try:
            request: _Command | _Ask = connection.recv()
        except EOFError:
            os._exit(0)
        if len(request) == 2:
            connection.send(os.waitpid(*request))
            continue
        pid = os.fork()
        if pid == 0:
            return request
        connection.send(pid)


def _become(command: _Command) -> None:
    arguments, environment, folder, output = command
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for descriptor, path in zip((0, 1, 2), (os.devnull, *output), strict=True):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)  # both may go to one file
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
        gc.disable()
        _load()
        gc.freeze()  # what a fork does not look at is not copied for it
        gc.enable()
        wanted = _forked(asked)
    _become(wanted)
    from hpo.cli import main

    main()
