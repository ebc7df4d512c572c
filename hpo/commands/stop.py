"""`hpo stop`, `hpo pause` and `hpo resume`: orders to all workers of a study."""

from typing import Annotated

import typer

from hpo.commands import options


def stop(
    study: options.Study = None,
    storage: options.Storage = None,
    now: Annotated[bool, typer.Option("--now", help="Hand the running trials back; default: finish them.")] = False,
) -> None:
    """Have every worker of a study finish its trial and leave; workers started later are not meant.

    Examples:
      hpo stop --study sac-speed

      hpo stop --study sac-speed --now
    """
    from hpo.home import hpo_home
    from hpo.orders import order_stop
    from hpo.storage import open_storage
    from hpo.study import get_study

    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        order_stop(opened, now)
        print(f"{opened.name}: workers hand back their trials and leave" if now else f"{opened.name}: {_LEAVE}")


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


_LEAVE = "workers finish their trials and leave"


def _order_pause(study: str | None, url: str | None, paused: bool) -> None:
    from hpo.home import hpo_home
    from hpo.orders import is_paused, order_pause
    from hpo.storage import open_storage
    from hpo.study import get_study

    with open_storage(url, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        if is_paused(opened) == paused:
            print(f"{opened.name} is {'paused already' if paused else 'not paused'}")
            return
        order_pause(opened, paused)
        print(f"{opened.name}: workers {'wait after their trials, until hpo resume' if paused else 'go on'}")
