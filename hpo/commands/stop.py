"""`hpo stop`: all workers of a study leave."""

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
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.studies.orders import order_stop
    from hpo.studies.study import get_study

    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        order_stop(opened, now)
        print(f"{opened.name}: workers {'hand back' if now else 'finish'} their trials and leave")
