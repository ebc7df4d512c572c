"""`hpo copy`: a study again under another name, or in another storage."""

from typing import Annotated

import typer

from hpo.commands import options

EMBEDDED = "embedded"
"""What stands for the embedded database where HPO_STORAGE names another one."""


def copy(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Study to copy.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Name of the copy.")],
    storage: options.Storage = None,
    from_storage: Annotated[str | None, typer.Option(help="Where OLD is: a URL, or `embedded`.")] = None,
    to_storage: Annotated[str | None, typer.Option(help="Where NEW will be: a URL, or `embedded`.")] = None,
    with_trials: Annotated[
        bool, typer.Option("--with-trials/--without-trials", help="Copy trials and replay too, or only the definition.")
    ] = True,
) -> None:
    """Copy a study: under another name, or from the embedded database to a server.

    Passwords come from HPO_STORAGE, files or ~/.pgpass, never from the command line: docs/database.md.

    Examples:
      hpo copy sac-speed sac-speed-2 --without-trials

      hpo copy sac-speed sac-speed --from-storage embedded --to-storage postgresql://hpo_worker@db.lab/hpo
    """
    from hpo.actions.copy import copy as do_copy

    for url in (from_storage, to_storage):
        options.refuse_visible_password(url)
    source_url, target_url = (None if url == EMBEDDED else url or storage for url in (from_storage, to_storage))
    do_copy(old, new, source_url, target_url, with_trials)
