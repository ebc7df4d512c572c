"""`hpo export`: hyperparameters worth keeping, as a file for this tool or another."""

from typing import Annotated

import typer

from hpo.commands import options
from hpo.errors import UserError


def export(
    study: options.Study = None,
    storage: options.Storage = None,
    trial: Annotated[
        int | None, typer.Option(min=0, help="This trial; default: the replay's winner, else the best trial.")
    ] = None,
    rank: options.Rank = "iqm",
    layout: Annotated[str, typer.Option("--format", help="hpo, zoo or sb3-cfg.")] = "hpo",
) -> None:
    """Print hyperparameters with their provenance, for hpo train, RL Baselines3 Zoo or Isaac Lab.

    Examples:
      hpo export --study sac-speed > best.yaml

      hpo export --study sac-speed --format zoo > sac.yml
    """
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.replays.replay_study import get_source
    from hpo.reports.export_choice import chosen_export
    from hpo.reports.export_layouts import LAYOUTS

    if layout not in LAYOUTS:
        raise UserError(f"--format {layout}: there are {', '.join(LAYOUTS)}")
    rank_by = options.checked_rank(rank)
    with open_storage(storage, hpo_home()) as opened_storage:
        source = get_source(opened_storage, study)
        print(LAYOUTS[layout](chosen_export(opened_storage, source, trial, rank_by)), end="")
