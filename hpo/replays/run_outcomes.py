"""What finished runs gave: those of a replay or a comparison, and trials of a search as if they had been planned."""

from optuna.trial import FrozenTrial, TrialState

from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import value_of
from hpo.trials.floor_values import values
from hpo.trials.planned_run import PlannedRun, planned_run
from hpo.trials.record import FinishedRecord, read_record
from hpo.trials.trial_runs import changes_of, hyperparameters_of
from replay.candidates import trial_name
from replay.runs import Outcome, Run, Setting, Speed


def outcomes(replay: OpenStudy) -> list[Outcome]:
    """What the finished runs gave."""
    trials = replay.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    decided = values(trials)
    return [
        _outcome(trial, run, run.seed, decided[trial.number])
        for trial in trials
        if (run := planned_run(trial)) is not None and run.seed is not None
    ]


def search_outcome(source: OpenStudy, trial: FrozenTrial) -> Outcome:
    """What a finished trial of a search gave, as if it had been planned."""
    run = PlannedRun(
        candidate=trial_name(trial.number),
        hyperparameters=hyperparameters_of(source, trial),
        candidate_changes=changes_of(source, trial),
    )
    return _outcome(trial, run, read_record(FinishedRecord, trial).seed or 0, value_of(trial))


def _outcome(trial: FrozenTrial, run: PlannedRun, seed: int, value: float) -> Outcome:
    record = read_record(FinishedRecord, trial)
    moved = record.velocity
    return Outcome(
        run=Run(run.candidate, run.hyperparameters, seed, Setting(run.changes), run.purpose, run.candidate_changes),
        value=value,
        diverged=record.diverged,
        steps_per_s=record.steps_per_s,
        gradient_steps_per_s=record.gradient_steps_per_s,
        num_timesteps=record.num_timesteps,
        hardware=record.hardware,
        hardware_shared=record.hardware_shared and not record.ended_by_steps,
        learning_curve=tuple((s, n, r, level[0] if level else None) for s, n, r, *level in record.learning_curve),
        evaluations=(*record.evaluations, *_final_evaluation(record)),
        speed=None if moved is None else Speed(moved.reached_speed, moved.commanded_speed),
    )


def _final_evaluation(record: FinishedRecord) -> list[tuple[float, int, float]]:
    if record.mean_return is None:
        return []
    return [(record.training_s, record.num_timesteps, record.mean_return)]
