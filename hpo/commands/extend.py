"""`hpo extend`: a study goes on, or ends earlier."""

from typing import Annotated

import typer

from hpo.commands import options
from hpo.commands.suggestions import suggested


def extend(
    n_trials: Annotated[int, typer.Option(help="Trials of the whole study, those that are done included.")],
    study: options.Study = None,
    storage: options.Storage = None,
) -> None:
    """Change the number of trials of a study, finished or running.

    Examples:
      hpo extend --study sac-speed --n-trials 200
    """
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.studies.extension import extend as extend_study
    from hpo.studies.extension import slots_taken
    from hpo.studies.study import get_study

    with open_storage(storage, hpo_home()) as opened_storage:
        opened = get_study(opened_storage, study)
        extend_study(opened, n_trials)
        print(f"{opened.name}: {n_trials} trials, of which {slots_taken(opened)} were begun")
        print(f"workers that run go on to that number; {suggested(f'hpo worker --study {opened.name}', storage)} "
              "starts another one")  # fmt: skip
