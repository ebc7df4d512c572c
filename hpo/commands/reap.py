"""`hpo reap`: the trials of dead workers, done again."""

from hpo.commands import options


def reap(study: options.Study = None, storage: options.Storage = None) -> None:
    """Fail the running trials of dead workers, and have them done again.

    A worker is dead that was silent for 90 s. Workers do this themselves before each trial: it is for a study that
    has none left.

    Examples:
      hpo reap --study sac-speed
    """
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.studies.study import get_study
    from hpo.trials.lost_trials import reap_stale_trials

    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        reaped = reap_stale_trials(opened)
        for trial in reaped:
            retried = trial.retried_as
            again = "not again: it was lost before (hpo retry)" if retried is None else f"again as {retried}"
            print(f"trial {trial.number}: its worker is dead; {again}")
        if not reaped:
            print(f"{opened.name}: no running trial of a dead worker")
