"""One run that a person waits for: progress on the bar, a signal ends it, and what goes wrong is one line."""

from collections.abc import Callable

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

    with StopSignals(drain=False) as signals:
        try:
            return run(spec, advance, signals.stop_now)
        except (ConfigurationError, TooLargeError) as error:
            raise UserError(str(error)) from error
        except RunnerCrashedError as crash:
            raise UserError(f"the run crashed: {crash.reason}; its output is in {runner.log_path}") from crash
        except RunInterruptedError:
            raise typer.Exit(signals.exit_status) from None
