"""Commands that were left running, and waiting for what they do."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 480.0
"""More than anything takes that is waited for, on a busy machine too; what hangs fails after it."""


class Typed(subprocess.Popen[str]):
    """A command that was typed and left running.

    Args:
        command: Program and arguments.
        log: File that takes its standard output and error.
    """

    def __init__(self, command: tuple[str, ...], log: Path) -> None:
        self._log = log
        with log.open("w") as file:
            super().__init__(command, stdout=file, stderr=subprocess.STDOUT, text=True)

    @property
    def output(self) -> str:
        """What it wrote so far."""
        return self._log.read_text()

    def ended(self) -> int:
        """Its exit status, once it has ended."""
        return self.wait(PATIENCE_S)


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
