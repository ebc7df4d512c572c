"""Copies a study: under another name, or into another storage."""

import sys
from collections.abc import Iterable
from contextlib import ExitStack

from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState
from rich.progress import track
from sqlalchemy.exc import SQLAlchemyError

from hpo.database.storage import open_storage
from hpo.errors import UserError
from hpo.files.home import hpo_home
from hpo.replays.replay_study import find_replay, refuse_replay, replay_name
from hpo.studies.artifacts import remove_artifacts
from hpo.studies.copying import copy_definition, copy_trials
from hpo.studies.study import OpenStudy, find_study, get_study
from hpo.terminal.console import make_console


def copy(old: str, new: str, source_url: str | None, target_url: str | None, with_trials: bool) -> None:
    """Copies `old` as `new`, its trials and its replay included or not.

    Raises:
        UserError: There is no such study, its trials are running, or there is one called `new`.
    """
    with ExitStack() as stack:
        source_storage = stack.enter_context(open_storage(source_url, hpo_home()))
        target = (
            source_storage if source_url == target_url else stack.enter_context(open_storage(target_url, hpo_home()))
        )
        source = get_study(source_storage, old)
        refuse_replay(source)
        replay = find_replay(source_storage, source) if with_trials else None
        for opened in (source, replay):
            if with_trials and opened is not None and _runs(opened):
                raise UserError(f"trials of study {opened.name} are running: hpo stop --study {opened.name} first")
        if find_study(target, new) is None and find_study(target, replay_name(new)) is not None:
            raise UserError(
                f"there is a study {replay_name(new)} already, which would be taken for the copy's replay: choose "
                f"another name, or hpo delete --study {replay_name(new)}"
            )
        made = copy_definition(source, target, new)
        n_trials = _copy_trials(source, made, target) if with_trials else 0
        print(f"{old} copied to {new}: its definition and {n_trials} trials")
        if replay is not None:
            again = copy_definition(replay, target, replay_name(new), replay_of=new)
            print(f"{replay.name} copied to {again.name}: {_copy_trials(replay, again, target)} runs")


def _runs(opened: OpenStudy) -> bool:
    return bool(opened.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))


def _copy_trials(source: OpenStudy, made: OpenStudy, target: BaseStorage) -> int:
    """How many were copied; a copy that is not finished, for whatever reason, does not stay if it can be deleted."""
    console = make_console()

    def shown(trials: list[FrozenTrial]) -> Iterable[FrozenTrial]:
        return track(trials, f"copying {source.name}", console=console, transient=True, disable=not console.is_terminal)

    try:
        copy_trials(source, made, shown)
    except BaseException:
        try:
            remove_artifacts(made)
            target.delete_study(made.study._study_id)
        except (SQLAlchemyError, StorageInternalError, UserError):
            print(
                f"study {made.name} is not whole, and could not be deleted: hpo delete --study {made.name}, as the "
                "database's owner",
                file=sys.stderr,
            )
        raise
    return len(made.study.get_trials(deepcopy=False))
