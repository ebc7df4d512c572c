"""Ctrl-C, SIGTERM and SIGHUP: the first asks a worker to stop, the second asks it to stop now."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self


class StopSignals:
    """Counts stop signals while the context lasts.

    A terminal that goes away, as with a dropped SSH session, sends SIGHUP: once by itself, and perhaps once more by its
    shell, so that it counts once. A process that was told to ignore it (`nohup`) goes on.

    Args:
        drain: The first signal lets the running trial finish; without it, it is handed back at once.
    """

    _SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self, drain: bool) -> None:
        self._drain = drain
        self._count = 0
        self._last: int | None = None
        self._hung_up = False

    def __enter__(self) -> Self:
        self._previous = {number: signal.signal(number, self._note) for number in self._SIGNALS if _heard(number)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    @property
    def exit_status(self) -> int:
        """What the shell expects of a process that a signal ended; 0 without one."""
        return 0 if self._last is None else 128 + self._last

    def stop_after_trial(self) -> bool:
        """Whether no new trial may start."""
        return self._count > 0

    def stop_now(self) -> bool:
        """Whether the running trial is to be handed back."""
        return self._count > (1 if self._drain else 0)

    def _note(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGHUP:
            if self._hung_up:
                return
            self._hung_up = True
        self._count += 1
        self._last = number
        if self._count > 2:  # noqa: PLR2004
            # Something does not let go, a database that is away perhaps; the runner dies with us.
            os._exit(128 + number)


@contextmanager
def interrupt_on_stop_signals() -> Iterator[None]:
    """Makes SIGTERM and SIGHUP end a server as Ctrl-C does, so that it leaves its storage properly."""
    heard = [number for number in (signal.SIGTERM, signal.SIGHUP) if _heard(number)]
    previous = {number: signal.signal(number, signal.default_int_handler) for number in heard}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _heard(number: int) -> bool:
    """Whether the process was not told, by `nohup`, to outlive its terminal."""
    return number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN
