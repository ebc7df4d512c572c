"""One run that a person waits for: progress on the bar, a signal ends it, and what goes wrong is one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from hpo.errors import UserError
from hpo.runs.runner import RunInterruptedError, Runner, RunnerCrashedError
from hpo.terminal.run_bar import RunBar
from hpo.terminal.stop_signals import StopSignals
from objectives.errors import ConfigurationError, TooLargeError
from objectives.run_result import Progress


def wait_for[Spec, Result](
    run: Callable[[Spec, Callable[[Progress], bool], Callable[[], bool]], Result],
    spec: Spec,
    runner: Runner,
    bar: RunBar,
) -> Result:
    """What `run`, a method of `runner`, gives for `spec`.

    Raises:
        UserError: The run cannot be, or crashed.
        typer.Exit: A signal ended it.
    """

    def advance(progress: Progress) -> bool:
        bar.advance(progress)
        return True

    with mistakes_in_one_line(runner) as signals:
        return run(spec, advance, signals.stop_now)


@contextmanager
def mistakes_in_one_line(runner: Runner) -> Iterator[StopSignals]:
    """Says in one line what goes wrong with the work of `runner`; gives the signals that end it.

    Raises:
        UserError: The work cannot be done, or crashed.
        typer.Exit: A signal ended it.
    """
    with StopSignals(drain=False) as signals:
        try:
            yield signals
        except (ConfigurationError, TooLargeError) as error:
            raise UserError(str(error)) from error
        except RunnerCrashedError as crash:
            raise UserError(f"the run crashed: {crash.reason}; its output is in {runner.log_path}") from crash
        except RunInterruptedError:
            raise typer.Exit(signals.exit_status) from None
