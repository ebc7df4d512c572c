"""`hpo reap`: the trials of dead workers, done again."""

from hpo.commands import options


def reap(study: options.Study = None, storage: options.Storage = None) -> None:
    """Fail the running trials of dead workers, and queue them again.

    A worker that was silent for 90 s counts as dead. Workers do this themselves before each trial: this command is for
    a study that has none left.

    Examples:
      hpo reap --study sac-speed
    """
    from hpo.actions.steering import reap as do_reap

    do_reap(study, storage)
