"""`hpo studies`: what there is in a storage."""

import json

from hpo.commands import options


def studies(storage: options.Storage = None, as_json: options.Json = False) -> None:
    """List the studies: kind, state, best value, trials, and when anything happened last.

    A diverged or refused trial is never the best.

    Examples:
      hpo studies

      hpo studies --json
    """
    from hpo.console import make_console
    from hpo.database.storage import open_storage
    from hpo.errors import UserError
    from hpo.home import hpo_home
    from hpo.reports.studies_table import studies_table, study_row
    from hpo.studies.study import get_study, list_studies

    rows, unreadable = [], []
    with open_storage(storage, hpo_home()) as opened_storage:
        for name in list_studies(opened_storage):
            try:
                rows.append(study_row(get_study(opened_storage, name)))
            except UserError as error:  # of another version: the others are shown all the same
                unreadable.append(str(error))
    console = make_console()
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    console.print(studies_table(rows))
    for line in unreadable:
        console.print(line, highlight=False, soft_wrap=True)
