"""Tables that lose nothing, however narrow the terminal is."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from hpo.terminal.printable import printable

_ENDLESS = 1_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a `WholeTable`."""

    name: str
    left: bool = False
    """Whether its cells begin on the left, as names do; numbers end on the right."""
    goes: int | None = None
    """Columns with the highest number go first where the terminal is too narrow. None: it stays, and rather than lose
    it each row becomes a record."""


@dataclass
class WholeTable:
    """Rows of texts. No cell is cut or broken: columns that matter least go first and are named below the table.

    Where those that stay do not fit, each row is a record of all columns, a line each. In a file or a pipe all columns
    stand beside each other, whatever their width.
    """

    columns: Sequence[Column]
    title: str = ""
    caption: str = ""
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add_row(self, *cells: str) -> None:
        """Adds a row, a cell for each column."""
        assert len(cells) == len(self.columns), cells
        self.rows.append(tuple(map(printable, cells)))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The widest form that fits."""
        if self.title:
            yield Text(printable(self.title), style="italic")
        shown, gone = list(range(len(self.columns))), list[int]()
        while _width(console, options, self._table(shown)) > options.max_width:
            least = max(shown, key=lambda place: -1 if (goes := self.columns[place].goes) is None else goes)
            if self.columns[least].goes is None:
                yield from self._records()
                return
            shown.remove(least)
            gone.append(least)
        yield self._table(shown)
        if self.caption:
            yield Text(printable(self.caption), style="dim")
        if gone:
            names = ", ".join(self.columns[place].name for place in sorted(gone))
            yield Text(f"too narrow for: {names}", style="dim")

    def _table(self, shown: Sequence[int]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        for place in shown:
            column = self.columns[place]
            table.add_column(column.name, justify="left" if column.left else "right", no_wrap=True)
        for row in self.rows:
            table.add_row(*(Text(row[place]) for place in shown))
        return table

    def _records(self) -> RenderResult:
        names = max(len(column.name) for column in self.columns)
        for row in self.rows:
            for column, cell in zip(self.columns, row, strict=True):
                yield Text(f"{column.name:<{names}}  {cell}", overflow="fold")
            yield Text("")
        if self.caption:
            yield Text(printable(self.caption), style="dim")


def _width(console: Console, options: ConsoleOptions, table: Table) -> int:
    return Measurement.get(console, options.update(width=_ENDLESS), table).maximum
