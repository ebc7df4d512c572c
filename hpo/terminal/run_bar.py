"""How far a run is: a progress bar on a terminal, one line per phase elsewhere."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Column

from hpo.terminal.printable import printable
from objectives.run_result import Progress


class RunBar:
    """Shows one run after another; use as a context.

    Args:
        console: Where to write.
        budget_s: Seconds of training of a run.
    """

    def __init__(self, console: Console, budget_s: float) -> None:
        self.console = console
        self._budget_s = budget_s
        self._bars = Bars(
            SpinnerColumn("line"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.percentage:>3.0f}%"),
            # Where it is narrow, the bar gives way to times and numbers.
            TimeElapsedColumn(table_column=Column(no_wrap=True, min_width=7)),
            TextColumn("{task.fields[status]}", markup=False),
            console=console,
            # Twice a second keeps the supervisor under one percent of a core.
            refresh_per_second=2,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar: TaskID | None = None
        self._overall: TaskID | None = None
        self._label = ""
        self._phase = ""
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def begin(self, label: str) -> None:
        """A run starts."""
        self._label = printable(label)
        self._phase = ""
        self._said = set()
        self._bar = self._bars.add_task(self._label, total=self._budget_s, status="")

    def advance(self, progress: Progress) -> None:
        """It goes on."""
        assert self._bar is not None
        if progress.phase != self._phase:
            self._phase = progress.phase
            self._bars.update(self._bar, status=progress.phase)
            if not self.console.is_terminal and progress.phase not in self._said:
                self._said.add(progress.phase)  # evaluations while training come again and again
                self.console.print(f"{self._label}: {progress.phase}", highlight=False)
        if progress.share is not None:
            self._bars.update(self._bar, total=1.0, completed=progress.share)
        if progress.point is not None:
            point = progress.point
            mean_return = "no episode yet" if point.mean_return is None else f"training return {point.mean_return:z.1f}"
            self._bars.update(
                self._bar, completed=point.elapsed_s, status=f"{point.num_timesteps:,} steps, {mean_return}"
            )

    def overall(self, done: int, total: int, status: str, line: str | None) -> None:
        """Shows how many of several runs are done; where there are no bars, by `line`."""
        if self._overall is None:
            self._overall = self._bars.add_task("all", total=total, status="")
        self._bars.update(self._overall, completed=done, total=total, status=status)
        if line is not None and not self.console.is_terminal:
            self.say(printable(line))

    def say(self, text: str) -> None:
        """Prints a line above the bars."""
        self.console.print(text, highlight=False, soft_wrap=True)

    def end(self, outcome: str) -> None:
        """It is over."""
        assert self._bar is not None
        self._bars.remove_task(self._bar)
        self._bar = None
        self.say(f"{self._label}: {outcome}")
