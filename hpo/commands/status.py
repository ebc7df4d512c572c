"""`hpo status`: what the studies of a storage are doing."""

import json
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from hpo.commands import options
from hpo.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, Group

    from hpo.studies.study import OpenStudy

REFRESH_S = 2.0


def status(
    study: options.Study = None,
    storage: options.Storage = None,
    watch: Annotated[bool, typer.Option("--watch", help="Refresh until Ctrl-C.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show each study: trials by state, best value, speed; and of a named one what its workers do.

    Examples:
      hpo status

      hpo status --study sac-speed --watch

      hpo status --study sac-speed --json
    """
    from hpo.console import make_console
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.printable import printable
    from hpo.reports.status_table import status_of, status_tables
    from hpo.studies.study import get_study, list_studies

    console = make_console()
    if watch and (as_json or not sys.stdout.isatty()):
        raise UserError("--watch draws on a terminal: leave it out in a pipe, or with --json")
    with open_storage(storage, hpo_home()) as opened_storage:

        def look() -> "tuple[list[OpenStudy], list[str]]":
            """The studies, and what is wrong with those that cannot be read; one that was named must be readable."""
            if study is not None:
                return [get_study(opened_storage, study)], []
            readable, unreadable = [], []
            for name in list_studies(opened_storage):
                try:
                    readable.append(get_study(opened_storage, name))
                except UserError as error:
                    unreadable.append(str(error))
            return readable, unreadable

        if as_json:
            studies, unreadable = look()
            print(json.dumps([status_of(opened) for opened in studies], indent=2))
            for line in unreadable:
                print(f"hpo: {printable(line)}", file=sys.stderr)
        elif watch:
            _watch(console, lambda: status_tables(*look(), running=True))
        else:
            console.print(status_tables(*look(), running=study is not None))


def _watch(console: "Console", draw: "Callable[[], Group]") -> None:
    from rich.live import Live

    try:
        with Live(draw(), console=console, screen=True, auto_refresh=False) as live:
            while True:
                time.sleep(REFRESH_S)
                live.update(draw(), refresh=True)
    except KeyboardInterrupt:
        return
