"""Curves of the runs that a study rests on: those of its replay's winner, or its best trials without a replay."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optuna.storages import BaseStorage

from hpo.replays.run_outcomes import search_outcome
from hpo.replays.standing import Standing, standing
from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials
from hpo.trials.record import TrialRecord, read_record
from replay.ranking import RankBy
from replay.runs import Outcome, ranked_runs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 5
"""Trials of a search without a replay, and runs of a winner."""


def training_signals(source: OpenStudy, stands: Standing) -> "Figure | None":
    """Losses, entropy, values and speed; None where no run recorded them."""
    from objectives.signals_picture import signals_picture

    if stands.ranking.rows:
        winner = stands.ranking.rows[0].candidate.name
        of_winner = stands.runs_of(winner)
        trials = of_winner[:SHOWN]
        labels = [f"seed {read_record(TrialRecord, trial).seed}" for trial in trials]
        title = f"{source.name}: {winner}, the {stands.what}'s winner, {len(trials)} of its {len(of_winner)} runs"
    else:
        trials = best_trials(source, SHOWN)
        labels = [f"trial {trial.number}" for trial in trials]
        title = f"{source.name}: its best {len(trials)} trials"
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
    stands = standing(storage, source, rank_by)
    if stands.ranking.rows:
        winner = stands.ranking.rows[0].candidate.name
        return f"{source.name}, {winner}", ranked_runs(stands.finished, stands.ranking.setting)[winner]
    best = best_trials(source, SHOWN)
    return f"{source.name}, its best {len(best)} trials", [search_outcome(source, trial) for trial in best]
