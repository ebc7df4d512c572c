"""All trials of a study with all that was tuned, as people and spreadsheets take them."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from hpo.reports.tuned_values import tuned_values
from hpo.studies.study import OpenStudy
from hpo.trials.planned_run import planned_run
from hpo.trials.record import TrialRecord, read_record
from hpo.trials.shown_hyperparameters import short_name, short_value
from samplers import REFUSED_ATTR, has_floor_value, replaced_trials

_FIRST = ("trial", "state", "value", "why", "of")


def all_trials(opened: OpenStudy) -> list[dict[str, Any]]:
    """A row per trial: number, state, value, why there is none, whose run it is, and what was tuned.

    Hyperparameters are what the agent was given (`batch_size` 512, not its power of two); nested ones have dots.
    """
    trials = opened.study.get_trials(deepcopy=False)
    replaced = replaced_trials(trials)
    rows = [(trial_row(trial, trial.number in replaced), tuned_values(opened, trial)) for trial in trials]
    names = list(dict.fromkeys(name for _, tuned in rows for name in tuned))
    return [{**row, **{name: tuned.get(name) for name in names}} for row, tuned in rows]


def trial_lines(rows: list[dict[str, Any]], value: str) -> Iterator[str]:
    """`all_trials` for people: two lines a trial, since what was tuned has more columns than a terminal.

    Args:
        rows: The trials.
        value: What their value is called.
    """
    for row in rows:
        of = "" if row["of"] is None else f" ({row['of']})"
        outcome = f"{value} {row['value']:.6g}" if row["value"] is not None else row["why"] or "no value"
        yield f"trial {row['trial']}{of}: {row['state']}, {outcome}"
        tuned = {short_name(name): row[name] for name in row if name not in _FIRST}
        yield "  " + " ".join(f"{name}={short_value(value)}" for name, value in tuned.items() if value is not None)


def trials_csv(rows: list[dict[str, Any]]) -> str:
    """`all_trials` with a header; what is not there is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else list(_FIRST))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def trial_row(trial: FrozenTrial, replaced: bool) -> dict[str, Any]:
    """Number, state, value, why there is none, and whose run it is; `replaced`: another trial does it again."""
    record = read_record(TrialRecord, trial)
    planned = planned_run(trial)
    honest = trial.state is TrialState.COMPLETE and not has_floor_value(trial)
    return {
        "trial": trial.number,
        "state": _state(trial, replaced),
        "value": trial.value if honest else None,
        "why": record.diverged_reason or record.refused or record.failure,
        "of": None if planned is None else planned.candidate,
    }


def _state(trial: FrozenTrial, replaced: bool) -> str:
    if trial.state is TrialState.FAIL and replaced:
        return "done again"
    if trial.state is TrialState.COMPLETE and has_floor_value(trial):
        return "refused" if REFUSED_ATTR in trial.user_attrs else "diverged"
    return trial.state.name.lower()
