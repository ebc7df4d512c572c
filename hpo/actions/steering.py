"""Commands to the workers of a study, and to its trials."""

from hpo.actions.suggestions import suggested
from hpo.database.storage import open_storage
from hpo.files.home import hpo_home
from hpo.replays.comparison import enqueue_comparison
from hpo.studies.extension import extend, slots_taken
from hpo.studies.orders import is_paused, order_pause, order_stop
from hpo.studies.study import get_study
from hpo.trials.lost_trials import reap_stale_trials, retry_failed_trials

# All raise a `UserError` where there is no such study.


def stop(study: str | None, url: str | None, now: bool) -> None:
    """Has every worker leave after its trial, or with `now` at once."""
    with open_storage(url, hpo_home()) as storage:
        opened = get_study(storage, study)
        order_stop(opened, now)
        print(f"{opened.name}: workers {'hand back' if now else 'finish'} their trials and leave")


def pause(study: str | None, url: str | None, paused: bool) -> None:
    """Has every worker wait after its trial, or go on."""
    with open_storage(url, hpo_home()) as storage:
        opened = get_study(storage, study)
        if is_paused(opened) == paused:
            print(f"{opened.name} is {'paused already' if paused else 'not paused'}")
            return
        order_pause(opened, paused)
        print(f"{opened.name}: workers {'wait after their trials, until hpo resume' if paused else 'go on'}")


def reap(study: str | None, url: str | None) -> None:
    """Fails the running trials of dead workers, and has them done again."""
    with open_storage(url, hpo_home()) as storage:
        opened = get_study(storage, study)
        reaped = reap_stale_trials(opened)
        for trial in reaped:
            retried = trial.retried_as
            again = "not again: it was lost before (hpo retry)" if retried is None else f"again as {retried}"
            print(f"trial {trial.number}: its worker is dead; {again}")
        if not reaped:
            print(f"{opened.name}: no running trial of a dead worker")


def retry(study: str | None, url: str | None, trials: list[int] | None) -> None:
    """Has failed trials done again, all or some.

    Raises:
        UserError: One of them did not fail.
    """
    with open_storage(url, hpo_home()) as storage:
        opened = get_study(storage, study)
        retried = retry_failed_trials(opened, trials)
        for trial in retried:
            again = (
                "its run has been queued again already" if trial.retried_as is None else f"again as {trial.retried_as}"
            )
            print(f"trial {trial.number}: {again}")
        if not retried:
            print(f"{opened.name}: nothing to retry; every failed trial has already been queued again")


def set_n_trials(study: str | None, url: str | None, n_trials: int) -> None:
    """Has a search end after `n_trials` trials.

    Raises:
        UserError: It has begun more already, or is a replay.
    """
    with open_storage(url, hpo_home()) as storage:
        opened = get_study(storage, study)
        extend(opened, n_trials)
        enqueue_comparison(opened)
        print(f"{opened.name}: {n_trials} trials, of which {slots_taken(opened)} were begun")
        print(
            f"workers that run go on to that number; {suggested(f'hpo worker --study {opened.name}', url)} "
            "starts another one"
        )
