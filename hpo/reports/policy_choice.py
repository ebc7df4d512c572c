"""Which kept policy a command is about: of a trial, of a candidate of the replay, or of the winner."""

from dataclasses import dataclass

from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial

from hpo.errors import UserError
from hpo.replays.standing import Standing, standing
from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials, finished_trial, value_of, why_none_is_best
from hpo.trials.kept_policies import kept_policies, read_policy
from hpo.trials.planned_run import planned_run
from replay.candidates import trial_name
from replay.ranking import RankBy
from samplers import has_floor_value


@dataclass(frozen=True, slots=True)
class ChosenPolicy:
    """A policy and what it is of."""

    content: bytes
    """Its file."""
    label: str
    """For people: which run of which candidate, and why that one."""


def chosen_policy(
    storage: BaseStorage, source: OpenStudy, number: int | None, candidate: str | None, rank_by: RankBy = "iqm"
) -> ChosenPolicy:
    """The policy of a trial or of a candidate; of neither, that of the replay's winner, else of the best trial.

    Of a candidate's runs it is the one in the middle: the best would be the luckiest.

    Raises:
        UserError: There is no such trial or candidate, or its policy is not kept.
    """
    if number is not None:
        return _of_trial(source, finished_trial(source, number), f"trial {number}")
    stands = standing(storage, source, rank_by)
    names = [row.candidate.name for row in stands.ranking.rows]
    wanted = trial_name(int(candidate)) if candidate is not None and candidate.isdecimal() else candidate
    if wanted is not None and wanted not in names:
        raise UserError(
            f"the replay of study {source.name} has no candidate {candidate}; it has {', '.join(names) or 'none'}"
        )
    if names:
        name = wanted or names[0]
        return _of_candidate(
            stands, name, f"the {stands.what}'s winner" if name == names[0] else f"of the {stands.what}"
        )
    best = best_trials(source, 1)
    if not best:
        raise UserError(f"study {source.name} {why_none_is_best(source)}")
    label = f"trial {best[0].number}, the best of the search, perhaps only lucky (hpo replay tells)"
    return _of_trial(source, best[0], label)


def _of_candidate(stands: Standing, name: str, what: str) -> ChosenPolicy:
    assert stands.replay is not None  # which has its candidates
    kept = kept_policies(stands.replay)
    runs = [run for run in stands.runs_of(name) if run._trial_id in kept and not has_floor_value(run)]
    if not runs:
        raise UserError(
            f"no policy of candidate {name} is kept: its runs diverged, or an older version of hpo did them"
        )
    middle = sorted(runs, key=value_of)[(len(runs) - 1) // 2]
    run = planned_run(middle)
    assert run is not None
    return _of_trial(stands.replay, middle, f"{name}, {what}: seed {run.seed}, the middle one of its {len(runs)} runs")


def _of_trial(opened: OpenStudy, trial: FrozenTrial, label: str) -> ChosenPolicy:
    return ChosenPolicy(read_policy(opened, trial), f"{label} (value {value_of(trial):z.2f})")
