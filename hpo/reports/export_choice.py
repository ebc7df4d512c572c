"""What of a study is worth exporting: the winner of its replay, or else the best trial of its search."""

from statistics import fmean

from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial

from hpo.errors import UserError
from hpo.replays.standing import standing
from hpo.reports.export_layouts import Export
from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials, finished_trial, why_none_is_best
from hpo.trials.record import TrialRecord, read_record
from hpo.trials.trial_runs import changed_config, config_of, hyperparameters_of
from objectives.objective import Return
from replay.ranking import RankBy
from replay.runs import Outcome, ranked_runs
from replay.statistics import Summary


def chosen_export(storage: BaseStorage, source: OpenStudy, number: int | None, rank_by: RankBy = "iqm") -> Export:
    """The trial of that number; without one the replay's winner, and without a replay the search's best.

    Raises:
        UserError: There is no such finished trial.
    """
    if number is not None:
        return trial_export(source, finished_trial(source, number))
    stands = standing(storage, source, rank_by)
    if stands.ranking.rows:
        winner = stands.ranking.rows[0]
        if not winner.trains:
            raise UserError(f"every run of the replay of study {source.name} diverged: name a trial with --trial")
        runs = ranked_runs(stands.finished, stands.ranking.setting)[winner.candidate.name]
        return _winner_export(source, runs, winner.summary)
    best = best_trials(source, 1)
    if not best:
        raise UserError(f"study {source.name} {why_none_is_best(source)}")
    return trial_export(source, best[0])


def trial_export(source: OpenStudy, trial: FrozenTrial) -> Export:
    """One trial of the search: one run with one seed.

    Raises:
        UserError: It diverged, was refused, or does not say what it trained with.
    """
    record = read_record(TrialRecord, trial)
    if record.diverged:
        raise UserError(f"trial {trial.number} of study {source.name} diverged: {record.diverged_reason}")
    if record.num_timesteps is None:
        raise UserError(f"trial {trial.number} of study {source.name} was not trained: {record.refused or 'no steps'}")
    return Export(
        config=config_of(source, trial),
        hyperparameters=hyperparameters_of(source, trial),
        n_timesteps=record.num_timesteps,
        provenance={
            "study": source.name,
            "trial": trial.number,
            "mean_return": record.mean_return,
            **({} if source.config.objective == Return() else {str(source.config.objective): trial.value}),
            "seed": record.seed,
            "hardware": record.hardware,
            "git_commit": record.git_commit,
        },
    )


def _winner_export(source: OpenStudy, runs: list[Outcome], summary: Summary) -> Export:
    return Export(
        config=changed_config(source.config, runs[0].run.candidate_changes),
        hyperparameters=runs[0].run.hyperparameters,
        n_timesteps=round(fmean(run.num_timesteps for run in runs)),
        provenance={
            "study": source.name,
            "candidate": runs[0].run.candidate,
            "replay_n": summary.n,
            "replay_iqm": summary.iqm,
            "replay_mean": summary.mean,
            "replay_std": summary.std,
            "replay_seeds": [run.run.seed for run in runs],
            "hardware": source.definition.hardware,
        },
    )
