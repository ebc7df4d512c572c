"""`hpo delete`: a study and its replay."""

import sys
from typing import Annotated

import typer

from hpo.commands import options
from hpo.errors import UserError


def delete(
    study: Annotated[str, typer.Option(help="Study name.")],
    storage: options.Storage = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also while trials run; their workers end.")] = False,
) -> None:
    """Delete a study, its trials, notes and pictures, and its replay.

    Examples:
      hpo delete --study first-try
    """
    from optuna.trial import TrialState

    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.replays.replay_study import replay_name
    from hpo.studies.study import get_study, list_studies

    with open_storage(storage, hpo_home()) as opened_storage:
        names = [get_study(opened_storage, study).name]
        if replay_name(study) in list_studies(opened_storage):
            names.append(replay_name(study))
        opened = [get_study(opened_storage, name) for name in names]
        trials = {one.name: one.study.get_trials(deepcopy=False) for one in opened}
        running = sum(trial.state is TrialState.RUNNING for some in trials.values() for trial in some)
        if running and not force:
            raise UserError(
                f"{running} trials of {' and '.join(names)} are running: hpo stop --study {study} first, or --force"
            )
        what = " and ".join(f"{name} ({len(some)} trials)" for name, some in trials.items())
        if not yes:
            if not sys.stdin.isatty():
                raise UserError(f"this deletes {what} for good: say --yes")
            typer.confirm(f"Delete {what} for good?", abort=True)
        for one in reversed(opened):
            opened_storage.delete_study(one.study._study_id)
        print(f"deleted {what}")
