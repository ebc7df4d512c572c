"""`hpo logs`: what is known of one trial."""

from typing import Annotated

import typer

from hpo.commands import options


def logs(
    trial: Annotated[int, typer.Argument(help="Number of the trial.")],
    study: options.Study = None,
    storage: options.Storage = None,
) -> None:
    """Show a trial's state, where it ran and what it wrote last.

    Examples:
      hpo logs 17 --study sac-speed
    """
    from hpo.actions.looking import show_log

    show_log(study, storage, trial)
