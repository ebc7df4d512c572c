"""Commands that were left running, and waiting for what they do."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.typed_commands import ForkedCommand

PATIENCE_S = 480.0
"""More than anything takes that is waited for, on a busy machine too; what hangs fails after it."""


class Typed:
    """A command that was typed and left running.

    Args:
        process: Its process.
        log: File that takes its standard output and error.
    """

    def __init__(self, process: ForkedCommand | subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self.pid = process.pid

    @property
    def output(self) -> str:
        """What it wrote so far."""
        return self._log.read_text()

    def ended(self) -> int:
        """Its exit status, once it has ended."""
        return self._process.wait(PATIENCE_S)

    def poll(self) -> int | None:
        """Its exit status; None: it runs."""
        return self._process.poll()

    def send_signal(self, number: int) -> None:
        """Sends it a signal, if it still runs."""
        self._process.send_signal(number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)


def wait_until(condition: Callable[[], object]) -> None:
    """Returns once `condition` holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def wait_for_line(process: Typed, text: str) -> None:
    """Returns once the process has written `text`."""

    def written() -> bool:
        ended = process.poll() is not None
        assert text in process.output or not ended, process.output
        return text in process.output

    wait_until(written)
