"""Where tables and progress are written."""

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from hpo.terminal.outlived_output import outlived
from hpo.terminal.printable import printable

ENDLESS = 100_000
"""Columns of what goes into a file or a pipe, which have no width of their own: nothing is cut, and no line broken."""


class _PlainConsole(Console):
    """Takes every string as it is: names and notes come from the study, and neither style nor steer the terminal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(printable(text), **options)


def make_console() -> Console:
    """A console as wide as the terminal, or as wide as it takes; what cannot be written is an error."""
    return _console()


def make_display_console() -> Console:
    """One of a command that works for minutes or days, and goes on without it when it cannot be written any more."""
    return _console(file=outlived(sys.stdout))


def make_side_console() -> Console:
    """Progress of a command whose standard output is data: for a person at the terminal, and else nowhere."""
    return _console(file=outlived(sys.stderr), quiet=not sys.stderr.isatty())


def _console(**options: Any) -> Console:
    console = _PlainConsole(**options)
    return console if console.is_terminal else _PlainConsole(width=ENDLESS, **options)
