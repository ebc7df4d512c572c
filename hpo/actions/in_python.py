"""Studies in Python: in notebooks and scripts, with the embedded database running as long as the process does."""

import atexit
from contextlib import ExitStack
from typing import Any

import optuna

from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage
from hpo.files.home import hpo_home
from hpo.replays.replay_study import get_source
from hpo.replays.standing import standing
from hpo.reports.trials_table import best_records
from hpo.studies.study import get_study
from replay.ranking import RankBy
from replay.table import records

_opened = ExitStack()
_storages: dict[str | None, ResilientStorage] = {}
atexit.register(_opened.close)


def study(name: str | None, url: str | None) -> optuna.Study:
    """The study as Optuna has it.

    Raises:
        UserError: There is no such study, or the storage cannot be used.
    """
    return get_study(_storage(url), name).study


def best(name: str | None, url: str | None, top: int) -> list[dict[str, Any]]:
    """What `hpo best --json` prints.

    Raises:
        UserError: There is no such study, or the storage cannot be used.
    """
    return best_records(get_source(_storage(url), name), top)


def replay_ranking(name: str | None, url: str | None, rank_by: RankBy) -> list[dict[str, Any]]:
    """The ranking of a search's replay in the search's own setting, a record for each candidate.

    Raises:
        UserError: There is no such study, or the storage cannot be used.
    """
    storage = _storage(url)
    return records(standing(storage, get_source(storage, name), rank_by).ranking)


def _storage(url: str | None) -> ResilientStorage:
    if url not in _storages:
        _storages[url] = _opened.enter_context(open_storage(url, hpo_home()))
    return _storages[url]
