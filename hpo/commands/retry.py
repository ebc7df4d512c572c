"""`hpo retry`: failed trials, done again."""

from typing import Annotated

import typer

from hpo.commands import options


def retry(
    trials: Annotated[list[int] | None, typer.Argument(metavar="TRIAL", help="Default: all failed ones.")] = None,
    study: options.Study = None,
    storage: options.Storage = None,
) -> None:
    """Have failed trials done again, with the same hyperparameters and in their own slots of the study.

    Examples:
      hpo retry --study sac-speed

      hpo retry 17 23 --study sac-speed
    """
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.studies.study import get_study
    from hpo.trials.lost_trials import retry_failed_trials

    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        retried = retry_failed_trials(opened, trials)
        for trial in retried:
            print(f"trial {trial.number}: again as {trial.retried_as}")
        if not retried:
            print(f"{opened.name}: no failed trial that is not done again already")
