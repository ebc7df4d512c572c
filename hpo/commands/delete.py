"""`hpo delete`: a study and its replay."""

from typing import Annotated

import typer

from hpo.commands import options


def delete(
    study: Annotated[str, typer.Option(help="Study name.")],
    storage: options.Storage = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Delete it even while trials run; their workers end.")] = False,
) -> None:
    """Delete a study, its trials, notes and pictures, and its replay.

    Examples:
      hpo delete --study first-try
    """
    from hpo.actions.delete import delete as do_delete

    do_delete(study, storage, yes, force)
