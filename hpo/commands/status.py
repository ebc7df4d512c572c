"""`hpo status`: what the studies of a storage are doing."""

import sys
from typing import Annotated

import typer

from hpo.commands import options
from hpo.errors import UserError


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
    from hpo.actions.looking import show_status

    if watch and (as_json or not sys.stdout.isatty()):
        raise UserError("--watch draws on a terminal: leave it out in a pipe, or with --json")
    show_status(study, storage, watch, as_json)
