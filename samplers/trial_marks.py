"""User attributes of a trial that say what its end, and its value, are worth."""

from collections.abc import Iterable

from optuna.trial import FrozenTrial

RETRY_OF_ATTR = "retry_of"
"""Number of the trial that this one replaces, whose end then says nothing of its parameters. It takes no slot of its
own in the study."""
DIVERGED_ATTR = "diverged"
"""Whether the run's numbers did not stay finite."""
REFUSED_ATTR = "refused"
"""Why the run was not begun: it needs more memory than there is."""


def has_floor_value(trial: FrozenTrial) -> bool:
    """Whether the value of a finished trial is not what its run gave: it diverged or was refused.

    Such a trial is worse than each that has a value of its own, whatever number is stored.
    """
    return trial.user_attrs.get(DIVERGED_ATTR) is True or REFUSED_ATTR in trial.user_attrs


def replaced_trials(trials: Iterable[FrozenTrial]) -> set[int]:
    """Numbers of the trials that others of `trials` replace; what is no number, others wrote."""
    marks = (trial.user_attrs.get(RETRY_OF_ATTR) for trial in trials)
    return {number for number in marks if isinstance(number, int)}
