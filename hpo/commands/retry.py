"""`hpo retry`: failed trials, done again."""

from typing import Annotated

import typer

from hpo.commands import options


def retry(
    trials: Annotated[list[int] | None, typer.Argument(metavar="TRIAL", help="Default: all failed ones.")] = None,
    study: options.Study = None,
    storage: options.Storage = None,
) -> None:
    """Queue failed trials again, with the same hyperparameters and in their own slots of the study.

    Examples:
      hpo retry --study sac-speed

      hpo retry 17 23 --study sac-speed
    """
    from hpo.actions.steering import retry as do_retry

    do_retry(study, storage, trials)
