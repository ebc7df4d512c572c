"""What the policies of a study did over training: the winner's beside PPO's and those of the next candidates."""

from typing import TYPE_CHECKING, get_args

from optuna.trial import FrozenTrial

from hpo.replays.standing import Standing
from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials, value_of
from hpo.trials.record import TrialRecord, read_record
from hpo.trials.trial_runs import changes_of, config_of
from objectives.run_spec import PpoAlgorithm
from samplers import has_floor_value

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 3
"""Runs side by side; more boxes cannot be told apart."""
_PPOS = get_args(PpoAlgorithm)


def actions_of_policies(source: OpenStudy, stands: Standing) -> "Figure | None":
    """Where actions lay at the start, in the middle and at the end of training; None where no run recorded it."""
    from objectives.actions_picture import actions_over_training
    from objectives.bounds.measured_bounds import dimension_labels

    runs = {}
    names: list[str] = []
    for label, trial in _of_replay(source, stands) if stands.ranking.rows else _of_search(source):
        record = read_record(TrialRecord, trial)
        if record.actions_over_training is not None:
            runs[f"{label}, {config_of(source, trial).algorithm}"] = record.actions_over_training
            names = dimension_labels(record.action_names, len(record.actions_over_training.low))
    return actions_over_training(runs, names, f"{source.name}: {source.config.task}") if runs else None


def _of_replay(source: OpenStudy, stands: Standing) -> list[tuple[str, FrozenTrial]]:
    """The middle run of the winner, of PPO, and of those that follow."""
    candidates = [row.candidate for row in stands.ranking.rows]
    ppo = [one.name for one in candidates if one.changes.get("algorithm", source.config.algorithm) in _PPOS]
    shown = []
    for name in dict.fromkeys((candidates[0].name, *ppo, *(one.name for one in candidates))):
        runs = sorted((run for run in stands.runs_of(name) if not has_floor_value(run)), key=value_of)
        if runs:
            label = f"{name}, the middle one of its {len(runs)} runs" if len(runs) > 1 else name
            shown.append((label, runs[(len(runs) - 1) // 2]))
    return shown[:SHOWN]


def _of_search(source: OpenStudy) -> list[tuple[str, FrozenTrial]]:
    """The best trial, the best of PPO, and those that follow."""
    best = best_trials(source, source.n_trials)
    ppo = [trial for trial in best if changes_of(source, trial).get("algorithm", source.config.algorithm) in _PPOS]
    chosen = {trial.number: trial for trial in (*best[:1], *ppo[:1], *best)}
    return [(f"trial {number}", trial) for number, trial in list(chosen.items())[:SHOWN]]
