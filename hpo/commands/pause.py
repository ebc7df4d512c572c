"""`hpo pause` and `hpo resume`: all workers of a study wait, and go on."""

from hpo.commands import options


def pause(study: options.Study = None, storage: options.Storage = None) -> None:
    """Tell every worker of a study to wait after its trial, until `hpo resume`; workers that start later wait, too.

    Examples:
      hpo pause --study sac-speed
    """
    from hpo.actions.steering import pause as order_pause

    order_pause(study, storage, True)


def resume(study: options.Study = None, storage: options.Storage = None) -> None:
    """Tell the workers of a paused study to go on.

    Examples:
      hpo resume --study sac-speed
    """
    from hpo.actions.steering import pause as order_pause

    order_pause(study, storage, False)
