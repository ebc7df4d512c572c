"""`hpo extend`: a study goes on, or ends earlier."""

from typing import Annotated

import typer

from hpo.commands import options


def extend(
    n_trials: Annotated[int, typer.Option(help="Trials of the whole study, those that are done included.")],
    study: options.Study = None,
    storage: options.Storage = None,
) -> None:
    """Change the number of trials of a study, finished or running.

    Examples:
      hpo extend --study sac-speed --n-trials 200
    """
    from hpo.actions.steering import set_n_trials

    set_n_trials(study, storage, n_trials)
