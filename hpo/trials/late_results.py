"""Results of runs whose trials others took for dead meanwhile: a slot keeps the first result it gets.

A worker that was cut off from the database, or stopped for longer than the grace period, lives on while another one
fails its trial and enqueues a replacement. Its run is worth as much as before.
"""

from collections.abc import Callable

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpo.database.attributes import LATE_ATTR, RETRIES_ATTR, RETRY_OF_ATTR
from hpo.database.trial_slots import retry_trial
from hpo.trials.lost_trials import replacements
from hpo.trials.record_writing import write_attributes, write_note

_WITH_RESULT = (TrialState.COMPLETE, TrialState.PRUNED)


def has_result(study: optuna.Study, number: int) -> bool:
    """Whether trial `number`, or the one that replaces it, has a result."""
    return _latest(study, number).state in _WITH_RESULT


def deliver(study: optuna.Study, number: int, record: Callable[[optuna.Trial], float]) -> FrozenTrial | None:
    """Gives the result of trial `number`, which others failed, to the trial that replaces it.

    One that waits is withdrawn that way. One that runs elsewhere is finished: its worker finds that at the next report
    and goes on to another trial. Where nothing replaces the trial, since it was lost too often, something does now.

    Args:
        study: The study of the trial.
        number: Its number.
        record: Writes what the run gave to a trial, and returns its value.

    Returns:
        The trial that has the result now; None if another result was first.
    """
    latest = _latest(study, number)
    if latest.state is TrialState.FAIL:
        retry_trial(study, latest, lost=False)
        latest = _latest(study, number)
    if latest.state is TrialState.WAITING:
        study._storage.set_trial_state_values(latest._trial_id, TrialState.RUNNING)
    try:
        late = optuna.Trial(study, latest._trial_id)
        _copy(study, number, late)
        study.tell(late, record(late))
    except (optuna.exceptions.UpdateFinishedTrialError, ValueError) as error:
        if finished_by_others(error):
            return None
        raise
    return study._storage.get_trial(late._trial_id)


def finished_by_others(error: Exception) -> bool:
    """Whether Optuna says that a trial it was to write to is finished."""
    if isinstance(error, optuna.exceptions.UpdateFinishedTrialError):
        return True
    # `Study.tell` has no exception of its own for it.
    return isinstance(error, ValueError) and str(error) in {
        f"Cannot tell a {state.name} trial." for state in TrialState
    }


def _latest(study: optuna.Study, number: int) -> FrozenTrial:
    """The trial itself, or what replaces what replaces it."""
    replaced_by = replacements(study)
    while number in replaced_by:
        number = replaced_by[number]
    return study.get_trials(deepcopy=False)[number]


def _copy(study: optuna.Study, number: int, late: optuna.Trial) -> None:
    """Writes what trial `number` recorded of its run to `late`."""
    from optuna_dashboard import get_note  # brings scikit-learn, which takes as long as all the rest of a command

    source = study.get_trials(deepcopy=False)[number]
    run = {key: value for key, value in source.user_attrs.items() if key not in (RETRY_OF_ATTR, RETRIES_ATTR)}
    write_attributes(late, {**run, LATE_ATTR: number})
    write_note(late, get_note(optuna.Trial(study, source._trial_id)))
    for step, value in source.intermediate_values.items():
        study._storage.set_trial_intermediate_value(late._trial_id, step, value)
