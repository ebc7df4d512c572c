"""`hpo logs`: what is known of one trial."""

from typing import Annotated

import typer

from hpo.commands import options


def logs(
    trial: Annotated[int, typer.Argument(help="Number of the trial.")],
    study: options.Study = None,
    storage: options.Storage = None,
) -> None:
    """Show a trial's state, where it ran and what it wrote last.

    Examples:
      hpo logs 17 --study sac-speed
    """
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.printable import printable
    from hpo.reports.trial_log import trial_log
    from hpo.studies.study import get_study

    with open_storage(storage, hpo_home()) as opened_storage:
        for line in trial_log(get_study(opened_storage, study), trial):
            print(printable(line))
