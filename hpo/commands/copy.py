"""`hpo copy`: a study again under another name, or in another storage."""

from typing import TYPE_CHECKING, Annotated

import typer

from hpo.commands import options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

    from hpo.studies.study import OpenStudy


EMBEDDED = "embedded"
"""What stands for the embedded database where HPO_STORAGE names another one."""


def copy(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Study to copy.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Name of the copy.")],
    storage: options.Storage = None,
    from_storage: Annotated[str | None, typer.Option(help="Where OLD is: a URL, or `embedded`.")] = None,
    to_storage: Annotated[str | None, typer.Option(help="Where NEW shall be, likewise.")] = None,
    with_trials: Annotated[
        bool, typer.Option("--with-trials/--without-trials", help="Its trials and its replay too, or its definition.")
    ] = True,
) -> None:
    """Copy a study: under another name, or from the embedded database to a server.

    Passwords come from HPO_STORAGE, files or ~/.pgpass, never from the command line: docs/database.md.

    Examples:
      hpo copy sac-speed sac-speed-2 --without-trials

      hpo copy sac-speed sac-speed --from-storage embedded --to-storage postgresql://worker@db/hpo
    """
    from contextlib import ExitStack

    from hpo.database.storage import open_storage
    from hpo.errors import UserError
    from hpo.home import hpo_home
    from hpo.replays.replay_study import find_replay, refuse_replay, replay_name
    from hpo.studies.copying import copy_definition
    from hpo.studies.study import get_study

    for url in (from_storage, to_storage):
        options.refuse_visible_password(url)
    source_url, target_url = (None if given == EMBEDDED else given or storage for given in (from_storage, to_storage))
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
        made = copy_definition(source, target, new)
        n_trials = _copy_trials(source, made, target) if with_trials else 0
        print(f"{old} copied to {new}: its definition and {n_trials} trials")
        if replay is not None:
            again = copy_definition(replay, target, replay_name(new), replay_of=new)
            print(f"{replay.name} copied to {again.name}: {_copy_trials(replay, again, target)} runs")


def _runs(opened: "OpenStudy") -> bool:
    from optuna.trial import TrialState

    return bool(opened.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))


def _copy_trials(source: "OpenStudy", made: "OpenStudy", target: "BaseStorage") -> int:
    """How many were copied; a copy that is not finished, for whatever reason, does not stay."""
    from rich.progress import track

    from hpo.console import make_console
    from hpo.studies.copying import copy_trials

    console = make_console()

    def shown(trials: "list[FrozenTrial]") -> "Iterable[FrozenTrial]":
        return track(trials, f"copying {source.name}", console=console, transient=True, disable=not console.is_terminal)

    try:
        copy_trials(source, made, shown)
    except BaseException:
        target.delete_study(made.study._study_id)
        raise
    return len(made.study.get_trials(deepcopy=False))
