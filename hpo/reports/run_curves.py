"""Curves of the runs that a study rests on: those of its replay's winner, or its best trials without a replay."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from hpo.replays.replay_study import find_replay, outcomes, replayed_candidates, search_outcome
from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials
from hpo.trials.planned_run import planned_run
from hpo.trials.record import TrialRecord, read_record
from replay.ranking import RankBy, Ranking, rank
from replay.runs import Outcome, Setting, ranked_runs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 5
"""Trials of a search without a replay, and runs of a winner."""


def training_signals(source: OpenStudy, replay: OpenStudy | None, rankings: Sequence[Ranking]) -> "Figure | None":
    """Losses, entropy, values and speed; None where no run recorded them."""
    from objectives.signals_picture import signals_picture

    as_searched = next((ranking for ranking in rankings if ranking.setting.as_searched and ranking.rows), None)
    if replay is not None and as_searched is not None:
        winner = as_searched.rows[0].candidate.name
        trials = _runs_of(replay, winner)
        labels = [f"seed {read_record(TrialRecord, trial).seed}" for trial in trials]
        title = f"{source.name}: {winner}, the replay's winner"
    else:
        trials = best_trials(source, SHOWN)
        labels = [f"trial {trial.number}" for trial in trials]
        title = f"{source.name}: the best trials"
    runs = {}
    for label, trial in zip(labels, trials, strict=True):
        record = read_record(TrialRecord, trial)
        seconds = [point[0] for point in record.learning_curve]
        columns = {name: values for name, values in record.training_signals.items() if len(values) == len(seconds)}
        if columns:
            runs[label] = (seconds, columns)
    return signals_picture(runs, title) if runs else None


def studies_compared(storage: BaseStorage, sources: Sequence[OpenStudy], rank_by: RankBy) -> "Figure":
    """Learning curves of several studies, over seconds and over environment steps."""
    from replay.pictures import curves_of

    groups = dict(_group(storage, source, rank_by) for source in sources)
    tasks = ", ".join(dict.fromkeys(source.config.task for source in sources))
    return curves_of({name: runs for name, runs in groups.items() if runs}, tasks)


def _group(storage: BaseStorage, source: OpenStudy, rank_by: RankBy) -> tuple[str, list[Outcome]]:
    replay = find_replay(storage, source)
    finished = [] if replay is None else outcomes(replay)
    ranking = rank(replayed_candidates(source, finished), finished, Setting(), source.definition.hardware, rank_by)
    if ranking.rows:
        winner = ranking.rows[0].candidate.name
        return f"{source.name}, {winner}", ranked_runs(finished, Setting())[winner]
    best = best_trials(source, SHOWN)
    return f"{source.name}, its best {len(best)} trials", [search_outcome(source, trial) for trial in best]


def _runs_of(replay: OpenStudy, candidate: str) -> list[FrozenTrial]:
    trials = replay.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    runs = [
        trial
        for trial in trials
        if (run := planned_run(trial)) is not None
        and (run.candidate, run.purpose, run.changes) == (candidate, "replay", {})
    ]
    return runs[:SHOWN]
