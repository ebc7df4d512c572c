"""The `hpo` command."""

import logging
import sys
from importlib import metadata
from typing import Annotated

import typer
import typer.exceptions

from hpo.commands import db
from hpo.commands.best import best
from hpo.commands.bounds import bounds
from hpo.commands.copy import copy
from hpo.commands.dashboard import dashboard
from hpo.commands.delete import delete
from hpo.commands.export import export
from hpo.commands.extend import extend
from hpo.commands.logs import logs
from hpo.commands.pause import pause, resume
from hpo.commands.play import play
from hpo.commands.reap import reap
from hpo.commands.replay import replay
from hpo.commands.report import report
from hpo.commands.retry import retry
from hpo.commands.status import status
from hpo.commands.stop import stop
from hpo.commands.studies import studies
from hpo.commands.train import train
from hpo.commands.trials import trials
from hpo.commands.worker import worker
from hpo.errors import UserError
from hpo.terminal.outlived_output import outlive_standard_error
from hpo.terminal.printable import printable

app = typer.Typer(
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Find hyperparameters that make an off-policy RL agent learn fast in wall-clock time.",
)
for command in (
    worker,
    status,
    best,
    replay,
    report,
    export,
    train,
    play,
    bounds,
    dashboard,
    stop,
    pause,
    resume,
    reap,
    retry,
    logs,
    studies,
    trials,
    extend,
    copy,
    delete,
):
    app.command()(command)
app.add_typer(db.app, name="db")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"hpo {metadata.version('hpo')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  (its callback has shown it)
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and leave.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


def main() -> None:
    """Runs the command line; a user's mistake is one line and exit status 1."""
    outlive_standard_error()
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    try:
        sys.exit(app(standalone_mode=False))
    except typer.Abort:
        sys.exit("hpo: nothing was done")
    except typer.exceptions.TyperException as error:
        context = getattr(error, "ctx", None)  # of what was typed; files that cannot be opened have none
        command = "hpo" if context is None else context.command_path
        what = error.format_message().replace("Value error, ", "").rstrip(".")
        sys.exit(f"hpo: {printable(what)} ({command} --help)")
    except UserError as error:
        sys.exit(f"hpo: {printable(str(error))}")


if __name__ == "__main__":
    main()
