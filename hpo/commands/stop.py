"""`hpo stop`: all workers of a study leave."""

from typing import Annotated

import typer

from hpo.commands import options


def stop(
    study: options.Study = None,
    storage: options.Storage = None,
    now: Annotated[bool, typer.Option("--now", help="Hand the running trials back; default: finish them.")] = False,
) -> None:
    """Tell every worker of a study to finish its trial and leave; workers that start later are not affected.

    Examples:
      hpo stop --study sac-speed

      hpo stop --study sac-speed --now
    """
    from hpo.actions.steering import stop as order_stop

    order_stop(study, storage, now)
