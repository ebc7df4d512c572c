"""What a study knows of one trial, as lines to read."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpo.durations import format_duration
from hpo.errors import UserError
from hpo.runs.provenance import host
from hpo.studies.study import OpenStudy
from hpo.trials.record import TrialRecord, read_record
from samplers import has_floor_value


def trial_log(opened: OpenStudy, number: int) -> Iterator[str]:
    """State, place, times, the note, and where the runner's whole output lies.

    Raises:
        UserError: There is no such trial.
    """
    from optuna_dashboard import get_note  # brings scikit-learn, which takes as long as all the rest of a command

    trials = opened.study.get_trials(deepcopy=False)
    if not 0 <= number < len(trials):
        raise UserError(f"study {opened.name} has no trial {number}; it has {len(trials)}")
    trial = trials[number]
    has_value = trial.state is TrialState.COMPLETE and not has_floor_value(trial)
    value = f", value {trial.value:.4g}" if has_value else ""
    yield f"trial {number} of {opened.name}: {trial.state.name}{value}"
    record = read_record(TrialRecord, trial)
    yield from _place(record)
    yield from _times(trial, record)
    if record.action_names is not None:
        yield f"action dimensions: {', '.join(record.action_names)}"
    note = get_note(optuna.Trial(opened.study, trial._trial_id))
    if note:
        yield ""
        yield note.rstrip()


def _place(record: TrialRecord) -> Iterator[str]:
    if record.host is None:
        return
    yield f"host {record.host}, worker {record.worker_pid}, {record.hardware}"
    if record.log is None:
        return
    on_this_host = record.host == host()
    gone = on_this_host and not Path(record.log).exists()
    yield f"runner's output: {record.log}{'' if on_this_host else ' there'}{' (no longer there)' if gone else ''}"


def _times(trial: FrozenTrial, record: TrialRecord) -> Iterator[str]:
    yield f"started {_when(trial.datetime_start)}, ended {_when(trial.datetime_complete)}"
    phases = {
        "startup": record.startup_s,
        "warmup": record.warmup_s,
        "training": record.training_s,
        "evaluation": record.evaluation_s,
    }
    durations = [f"{phase} {format_duration(seconds)}" for phase, seconds in phases.items() if seconds is not None]
    if durations:
        yield ", ".join(durations)


def _when(moment: datetime | None) -> str:
    return "-" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")
