"""`hpo studies`: what there is in a storage."""

from hpo.commands import options


def studies(storage: options.Storage = None, as_json: options.Json = False) -> None:
    """List the studies: kind, state, best value, trials, and when anything happened last.

    A diverged or refused trial is never the best.

    Examples:
      hpo studies

      hpo studies --json
    """
    from hpo.actions.looking import show_studies

    show_studies(storage, as_json)
