"""Trials that ended without a result, and the ones that replace them."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import optuna
from optuna.trial import FrozenTrial, TrialState

from hpo.database.trial_slots import retry_trial
from hpo.errors import UserError
from hpo.studies.study import OpenStudy
from samplers import RETRY_OF_ATTR


@dataclass(frozen=True, slots=True)
class LostTrial:
    """A trial without a result."""

    number: int
    retried_as: int | None
    """Number of the trial that replaces it; None: there is none."""


def reap_stale_trials(opened: OpenStudy) -> list[LostTrial]:
    """Fails the running trials whose workers are dead; those that may be are enqueued again."""
    before = {trial.number for trial in _with_state(opened, TrialState.FAIL)}
    with warnings.catch_warnings():
        # Marked experimental since Optuna 2.9.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        optuna.storages.fail_stale_trials(opened.study)
    failed = [trial.number for trial in _with_state(opened, TrialState.FAIL) if trial.number not in before]
    return _described(opened, failed)


def retry_failed_trials(opened: OpenStudy, numbers: Sequence[int] | None) -> list[LostTrial]:
    """Enqueues failed trials again, once each.

    Args:
        opened: The study.
        numbers: Which; None: all that no other trial replaces.

    Raises:
        UserError: One of `numbers` did not fail, or is replaced already; none is enqueued then.
    """
    failed = {trial.number: trial for trial in _with_state(opened, TrialState.FAIL)}
    replaced = replacements(opened.study)
    for number in numbers or ():
        if number not in failed:
            raise UserError(f"study {opened.name} has no failed trial {number}")
        if number in replaced:
            raise UserError(f"trial {number} is done again already, as trial {replaced[number]}")
    chosen = [number for number in failed if number not in replaced] if numbers is None else list(numbers)
    for number in dict.fromkeys(chosen):
        retry_trial(opened.study, failed[number], lost=False)
    return _described(opened, chosen)


def replacements(study: optuna.Study) -> dict[int, int]:
    """Number of a replaced trial -> number of the one that replaces it, which is always a later one."""
    trials = study.get_trials(deepcopy=False)
    replaced = ((t.user_attrs.get(RETRY_OF_ATTR), t.number) for t in trials)
    return {number: by for number, by in replaced if isinstance(number, int) and number < by}


def _described(opened: OpenStudy, numbers: Sequence[int]) -> list[LostTrial]:
    replaced = replacements(opened.study)
    return [LostTrial(number, replaced.get(number)) for number in numbers]


def _with_state(opened: OpenStudy, state: TrialState) -> list[FrozenTrial]:
    return opened.study.get_trials(deepcopy=False, states=(state,))
