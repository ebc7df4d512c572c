"""Output that may go away while a program runs: what cannot be written is dropped, and the program goes on.

A worker trains for days behind a pipe, a terminal or a file. The reader leaves, the terminal is closed, the disk fills:
none of that is a reason to give up a trial.
"""

import io
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _OutlivedFile(io.FileIO):
    """A file descriptor to which every write succeeds."""

    def write(self, data: "ReadableBuffer", /) -> int:
        everything = memoryview(data).nbytes
        try:
            written = super().write(data)
        except OSError:
            # The one place where that is no error: nobody looks, or there is no room for what would be seen. A disk
            # may have room again, so the next write is tried as well.
            return everything
        # None: a pipe that somebody made non-blocking is full.
        return everything if written is None else written


def outlived(stream: TextIO | None) -> TextIO | None:
    """A stream to where `stream` goes, whose writes never fail; None stays None, as for a descriptor that is closed.

    Args:
        stream: Standard output or error.
    """
    if stream is None:
        return None
    try:
        descriptor = stream.fileno()
    except io.UnsupportedOperation:
        return stream  # in memory
    stream.flush()
    file = _OutlivedFile(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(file),
        encoding=stream.encoding,
        errors="backslashreplace",  # a letter that the terminal's encoding lacks is no error either
        line_buffering=True,
    )


def outlive_standard_error() -> None:
    """Has whatever this process says on standard error from now on never fail."""
    sys.stderr = outlived(sys.stderr)
