"""The service: study definition, storage, worker, hardware, dashboard and command line.

In Python, `open_study`, `best` and `replay_ranking` give what the commands show.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import optuna

    from replay.ranking import RankBy

# What they need is imported when they are called: the commands, and the runner, import this package first.


def open_study(name: str | None = None, storage: str | None = None) -> "optuna.Study":
    """The Optuna study called `name`, with the embedded database running until the process ends.

    Everything of Optuna works on it: `trials`, `best_trial`, `optuna.visualization`, with pandas `trials_dataframe()`.

    Args:
        name: Of a search or of a replay (`sac-speed-replay`); None: the only study there is.
        storage: A PostgreSQL URL; None: the embedded database of your data folder.

    Raises:
        hpo.errors.UserError: There is no such study, or the storage cannot be used.
    """
    from hpo.actions.in_python import study

    return study(name, storage)


def best(name: str | None = None, storage: str | None = None, top: int = 10) -> list[dict[str, Any]]:
    """The `top` trials of a search, best first: `trial`, `value`, `hyperparameters`, `user_attrs`.

    Args:
        name: Of the search; None: the only one there is.
        storage: As of `open_study`.
        top: How many.

    Raises:
        hpo.errors.UserError: There is no such search, or the storage cannot be used.
    """
    from hpo.actions.in_python import best as rows

    return rows(name, storage, top)


def replay_ranking(
    name: str | None = None,
    storage: str | None = None,
    rank_by: "RankBy" = "iqm",
) -> list[dict[str, Any]]:
    """Where the candidates of a replay stand, best first, with intervals and p-values; empty before a replay.

    Args:
        name: Of the search; None: the only one there is.
        storage: As of `open_study`.
        rank_by: What decides, as of `hpo replay --rank`.

    Raises:
        hpo.errors.UserError: There is no such search, or the storage cannot be used.
    """
    from hpo.actions.in_python import replay_ranking as ranking

    return ranking(name, storage, rank_by)
