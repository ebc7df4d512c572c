"""Tables of a study's trials."""

from typing import Any

from optuna.trial import FrozenTrial

from hpo.reports.tuned_values import differing, important_first, tuned_values
from hpo.studies.study import OpenStudy
from hpo.terminal.whole_table import Column, WholeTable
from hpo.trials.baselines import baseline_of
from hpo.trials.finished_trials import describe_states, ranked_trials, value_of
from hpo.trials.record import TrialRecord, read_record
from hpo.trials.shown_hyperparameters import short_name, short_value
from hpo.trials.trial_runs import changes_of, hyperparameters_of
from hpo.trials.velocity_line import SPEED, reached_of_commanded, speed_cell
from objectives.objective import Return
from samplers import REFUSED_ATTR, has_floor_value

SHOWN_TRIALS = 20


def trials_table(opened: OpenStudy) -> WholeTable:
    """The best trials, and how many there are of each state."""
    trials = opened.study.get_trials(deepcopy=False)
    return _table(opened, ranked_trials(opened)[:SHOWN_TRIALS], f"study {opened.name}: {describe_states(trials)}")


def best_table(opened: OpenStudy, top: int) -> WholeTable:
    """The `top` trials."""
    return _table(opened, ranked_trials(opened)[:top], f"study {opened.name}: best trials on {opened.config.task}")


def best_records(opened: OpenStudy, top: int) -> list[dict[str, Any]]:
    """The `top` trials as plain values; None as the value of one that diverged or was refused.

    `changes` are the fields of the study's definition that the trial trained with other values of.
    """
    return [
        {
            "trial": trial.number,
            "value": None if has_floor_value(trial) else trial.value,
            "hyperparameters": hyperparameters_of(opened, trial),
            "changes": changes_of(opened, trial),
            "user_attrs": trial.user_attrs,
        }
        for trial in ranked_trials(opened)[:top]
    ]


def _table(opened: OpenStudy, trials: list[FrozenTrial], title: str) -> WholeTable:
    objective = opened.config.objective
    tuned = [tuned_values(opened, trial) for trial in trials]
    names = differing(tuned, important_first(opened))
    found = [read_record(TrialRecord, trial) for trial in trials]
    has_speed = any(record.velocity is not None for record in found)
    table = WholeTable(
        [
            Column("trial", left=True),
            Column(objective.label),
            *(Column(short_name(name), goes=10 + place) for place, name in enumerate(names)),
            Column("std" if objective == Return() else "return", goes=13),
            *([Column(SPEED, goes=5)] if has_speed else []),
            Column("steps", goes=16),
            Column("steps/s", goes=12),
            Column("replay ratio", goes=14),
        ],
        title=title,
        caption="" if trials else f"no finished trial yet; {opened.n_trials} are planned",
    )
    for trial, values, record in zip(trials, tuned, found, strict=True):
        table.add_row(
            name_of(trial),
            _why_none(trial) or f"{value_of(trial):z.2f}",
            *(short_value(values.get(name)) for name in names),
            _format(record.std_return if objective == Return() else record.mean_return, "z.2f"),
            *([speed_cell(*reached_of_commanded(record.velocity))] if has_speed else []),
            _format(record.num_timesteps, ",d"),
            _format(record.steps_per_s, ",.0f"),
            _format(record.replay_ratio, ".3g"),
        )
    return table


def name_of(trial: FrozenTrial) -> str:
    """Its number and, of a baseline, what it is: `0 tuned-a1`."""
    baseline = baseline_of(trial)
    return str(trial.number) if baseline is None else f"{trial.number} {baseline}"


def _why_none(trial: FrozenTrial) -> str:
    """Why the run gave no value; empty if it gave one."""
    if not has_floor_value(trial):
        return ""
    return "refused" if REFUSED_ATTR in trial.user_attrs else "diverged"


def _format(value: float | None, spec: str) -> str:
    return "-" if value is None else format(value, spec)
