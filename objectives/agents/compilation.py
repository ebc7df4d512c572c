"""Counting what XLA compiles, and keeping it for the next process."""

from pathlib import Path
from typing import Self

import jax
from jax import monitoring

_COMPILED = "/jax/core/compile/backend_compile_duration"
"""JAX's event for one program made ready to run, whether XLA compiled it or the persistent cache had it."""

_count = 0
_seconds = 0.0


def _on_duration(event: str, duration_secs: float, **_: str | int) -> None:
    global _count, _seconds  # noqa: PLW0603  (JAX keeps listeners for the life of the process)
    if event == _COMPILED:
        _count += 1
        _seconds += duration_secs


monitoring.register_event_duration_secs_listener(_on_duration)


class CompilationCounter:
    """Counts the programs that become ready while the context lasts.

    A program that comes out of the persistent cache counts as well: it too costs time, about a tenth.
    """

    def __enter__(self) -> Self:
        self._before = (_count, _seconds)
        self._after: tuple[int, float] | None = None
        return self

    def __exit__(self, *_: object) -> None:
        self._after = (_count, _seconds)

    @property
    def count(self) -> int:
        """Programs compiled or fetched."""
        return (self._after or (_count, _seconds))[0] - self._before[0]

    @property
    def seconds(self) -> float:
        """Seconds that took."""
        return (self._after or (_count, _seconds))[1] - self._before[1]


def enable_compilation_cache(folder: Path) -> None:
    """Keeps every compiled program in `folder`, so that the next process need not compile it."""
    folder.mkdir(parents=True, exist_ok=True)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # Even the smallest: building an agent takes a hundred of them.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
