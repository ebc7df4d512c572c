"""Where tables and progress are written."""

from rich.console import Console

WIDTH = 100
"""Columns of what goes into a file or a pipe, which have no width of their own."""


def make_console() -> Console:
    """A console as wide as the terminal, or `WIDTH` columns."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)
