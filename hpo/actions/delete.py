"""Deletes a study and its replay."""

import sys

import typer
from optuna.trial import TrialState

from hpo.database.storage import open_storage
from hpo.errors import UserError
from hpo.files.home import hpo_home
from hpo.replays.replay_study import replay_name
from hpo.studies.artifacts import remove_artifacts
from hpo.studies.study import get_study, list_studies


def delete(study: str, url: str | None, yes: bool, force: bool) -> None:
    """Deletes `study`, after a question unless `yes`, and while trials run only with `force`.

    Raises:
        UserError: There is no such study, its trials are running, this role may delete none, or nobody can be asked.
    """
    with open_storage(url, hpo_home()) as storage:
        names = [get_study(storage, study).name]
        if replay_name(study) in list_studies(storage):
            names.append(replay_name(study))
        opened = [get_study(storage, name) for name in names]
        trials = {one.name: one.study.get_trials(deepcopy=False) for one in opened}
        running = sum(trial.state is TrialState.RUNNING for of_study in trials.values() for trial in of_study)
        if running and not force:
            raise UserError(
                f"{running} trials of {' and '.join(names)} are running: hpo stop --study {study} first, or --force"
            )
        storage.refuse_to_delete()  # before the policies are gone, which it could delete
        what = " and ".join(f"{name} ({len(of_study)} trials)" for name, of_study in trials.items())
        if not yes:
            if not sys.stdin.isatty():
                raise UserError(f"this deletes {what} for good: say --yes")
            typer.confirm(f"Delete {what} for good?", abort=True)
        for one in reversed(opened):
            remove_artifacts(one)
            storage.delete_study(one.study._study_id)
        print(f"deleted {what}")
