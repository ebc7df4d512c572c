"""What a study knows of one trial, as lines to read."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState
from optuna_dashboard import get_note

from hpo.durations import format_duration
from hpo.errors import UserError
from hpo.runs.provenance import host
from hpo.studies.study import OpenStudy
from hpo.trials.trial_record import LOG_ATTR

_PHASES = ("startup_s", "warmup_s", "training_s", "evaluation_s")


def trial_log(opened: OpenStudy, number: int) -> Iterator[str]:
    """State, place, times, the note, and where the runner's whole output lies.

    Raises:
        UserError: There is no such trial.
    """
    trials = opened.study.get_trials(deepcopy=False)
    if not 0 <= number < len(trials):
        raise UserError(f"study {opened.name} has no trial {number}; it has {len(trials)}")
    trial = trials[number]
    value = f", value {trial.value:.4g}" if trial.state is TrialState.COMPLETE and trial.value is not None else ""
    yield f"trial {number} of {opened.name}: {trial.state.name}{value}"
    yield from _place(trial)
    yield from _times(trial)
    note = get_note(optuna.Trial(opened.study, trial._trial_id))
    if note:
        yield ""
        yield note.rstrip()


def _place(trial: FrozenTrial) -> Iterator[str]:
    recorded = trial.user_attrs
    if "host" not in recorded:
        return
    yield f"host {recorded['host']}, worker {recorded['worker_pid']}, {recorded['hardware']}"
    if LOG_ATTR not in recorded:
        return
    here = recorded["host"] == host()
    gone = here and not Path(str(recorded[LOG_ATTR])).exists()
    yield f"runner's output: {recorded[LOG_ATTR]}{'' if here else ' there'}{' (no longer there)' if gone else ''}"


def _times(trial: FrozenTrial) -> Iterator[str]:
    yield f"started {_when(trial.datetime_start)}, ended {_when(trial.datetime_complete)}"
    recorded = trial.user_attrs
    taken = [f"{name.removesuffix('_s')} {format_duration(recorded[name])}" for name in _PHASES if name in recorded]
    if taken:
        yield ", ".join(taken)


def _when(moment: datetime | None) -> str:
    return "-" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")
