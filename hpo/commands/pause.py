"""`hpo pause` and `hpo resume`: all workers of a study wait, and go on."""

from hpo.commands import options


def pause(study: options.Study = None, storage: options.Storage = None) -> None:
    """Have every worker of a study wait after its trial, until `hpo resume`; workers started later wait as well.

    Examples:
      hpo pause --study sac-speed
    """
    _order_pause(study, storage, True)


def resume(study: options.Study = None, storage: options.Storage = None) -> None:
    """Have the workers of a paused study go on.

    Examples:
      hpo resume --study sac-speed
    """
    _order_pause(study, storage, False)


def _order_pause(study: str | None, url: str | None, paused: bool) -> None:
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.studies.orders import is_paused, order_pause
    from hpo.studies.study import get_study

    with open_storage(url, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        if is_paused(opened) == paused:
            print(f"{opened.name} is {'paused already' if paused else 'not paused'}")
            return
        order_pause(opened, paused)
        print(f"{opened.name}: workers {'wait after their trials, until hpo resume' if paused else 'go on'}")
