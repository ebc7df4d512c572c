"""Waiting for what another process does."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def wait_until(condition: Callable[[], object], timeout_s: float = 240) -> None:
    """Returns once `condition` holds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    """Returns once the process has written `text`."""
    log: Path = process.log  # type: ignore[attr-defined]

    def written() -> bool:
        content = log.read_text()
        assert text in content or process.poll() is None, content
        return text in content

    wait_until(written)
