"""`hpo best`: the best trials of a study."""

from typing import Annotated

import typer

from hpo.commands import options


def best(
    study: options.Study = None,
    storage: options.Storage = None,
    top: Annotated[int, typer.Option(min=1, help="How many trials.")] = 5,
    as_json: options.Json = False,
) -> None:
    """Show the best trials of a study.

    A search score is one run with one seed: the best of many is partly luck, and hpo replay tells how much.

    Examples:
      hpo best --study sac-speed --top 10
    """
    from hpo.actions.looking import show_best

    show_best(study, storage, top, as_json)
