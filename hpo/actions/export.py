"""Prints hyperparameters that are worth keeping."""

from hpo.database.storage import open_storage
from hpo.files.home import hpo_home
from hpo.replays.replay_study import get_source
from hpo.reports.export_choice import chosen_export
from hpo.reports.export_layouts import LAYOUTS
from replay.ranking import RankBy


def export(study: str | None, url: str | None, trial: int | None, rank_by: RankBy, layout: str) -> None:
    """Prints the winner of a study, or one trial.

    Args:
        study: The search; None: the only one there is.
        url: The storage.
        trial: Its number; None: the winner of the replay, else the best trial.
        rank_by: What decides a replay's ranking.
        layout: A key of `LAYOUTS`.

    Raises:
        UserError: There is nothing to export.
    """
    with open_storage(url, hpo_home()) as storage:
        source = get_source(storage, study)
        print(LAYOUTS[layout](chosen_export(storage, source, trial, rank_by)), end="")
