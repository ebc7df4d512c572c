"""How the best walk on each kind of ground, for the report of a study on rough terrain."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials
from hpo.trials.planned_run import planned_run
from hpo.trials.record import TrialRecord, read_record
from hpo.trials.terrain_table import terrain_table
from objectives.run_result import TerrainCell
from replay.ranking import Ranking
from replay.runs import Setting


def terrain_tables(source: OpenStudy, replay: OpenStudy | None, rankings: Sequence[Ranking]) -> list[tuple[str, str]]:
    """Whose walk, and a table in Markdown: the search's best trial, and the winner of the replay in each setting."""
    cells = [(f"trial {trial.number} of the search", _cells([trial])) for trial in best_trials(source, 1)]
    cells += [] if replay is None else _winners(source, replay, rankings)
    return [(name, terrain_table(of_one)) for name, of_one in cells if of_one]


def _winners(
    source: OpenStudy, replay: OpenStudy, rankings: Sequence[Ranking]
) -> Iterator[tuple[str, list[TerrainCell]]]:
    for ranking in rankings:
        if ranking.rows and ranking.rows[0].trains:
            name = ranking.rows[0].candidate.name
            runs = _runs(replay, name, ranking.setting)
            yield f"{name} over {len(runs)} seeds, {ranking.setting.describe(source.config.task)}", _cells(runs)


def _runs(replay: OpenStudy, candidate: str, setting: Setting) -> list[FrozenTrial]:
    finished = replay.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    planned = [(trial, planned_run(trial)) for trial in finished]
    return [
        trial
        for trial, run in planned
        if run is not None and (run.candidate, run.changes, run.purpose) == (candidate, setting.changes, "replay")
    ]


def _cells(trials: Iterable[FrozenTrial]) -> list[TerrainCell]:
    """What all evaluations saw, by kind of ground and level; each episode counts the same."""
    by_place: dict[tuple[str, int], list[TerrainCell]] = defaultdict(list)
    for trial in trials:
        for cell in read_record(TrialRecord, trial).terrain:
            by_place[cell.terrain, cell.level].append(cell)
    return [_pooled(cells) for _, cells in sorted(by_place.items())]


def _pooled(cells: list[TerrainCell]) -> TerrainCell:
    episodes = [cell.n_episodes for cell in cells]
    return TerrainCell(
        terrain=cells[0].terrain,
        level=cells[0].level,
        n_episodes=sum(episodes),
        mean_return=float(np.average([cell.mean_return for cell in cells], weights=episodes)),
        timeout_rate=float(np.average([cell.timeout_rate for cell in cells], weights=episodes)),
    )
