"""`hpo reap` and `hpo retry`: trials without a result, done again."""

from typing import Annotated

import typer

from hpo.commands import options


def reap(study: options.Study = None, storage: options.Storage = None) -> None:
    """Fail the running trials of dead workers, and have them done again.

    A worker is dead that was silent for 90 s. Workers do this themselves before each trial: it is for a study that
    has none left.

    Examples:
      hpo reap --study sac-speed
    """
    from hpo.home import hpo_home
    from hpo.lost_trials import reap_stale_trials
    from hpo.storage import open_storage
    from hpo.study import get_study

    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        reaped = reap_stale_trials(opened)
        for trial in reaped:
            print(f"trial {trial.number}: its worker is dead{_again(trial.retried_as)}")
        if not reaped:
            print(f"{opened.name}: no running trial of a dead worker")


def retry(
    trials: Annotated[list[int] | None, typer.Argument(metavar="[TRIAL]...", help="Default: all failed ones.")] = None,
    study: options.Study = None,
    storage: options.Storage = None,
) -> None:
    """Have failed trials done again, with the same hyperparameters and in their own slots of the study.

    Examples:
      hpo retry --study sac-speed

      hpo retry 17 23 --study sac-speed
    """
    from hpo.home import hpo_home
    from hpo.lost_trials import retry_failed_trials
    from hpo.storage import open_storage
    from hpo.study import get_study

    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        retried = retry_failed_trials(opened, trials)
        for trial in retried:
            print(f"trial {trial.number}{_again(trial.retried_as)}")
        if not retried:
            print(f"{opened.name}: no failed trial that is not done again already")


def _again(retried_as: int | None) -> str:
    return (
        ", and it was retried before: not again (hpo retry does)" if retried_as is None else f": again as {retried_as}"
    )
