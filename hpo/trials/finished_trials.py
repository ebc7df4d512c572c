"""A study's trials by state, and its finished ones by value."""

from optuna.trial import FrozenTrial, TrialState

from hpo.errors import UserError
from hpo.studies.study import OpenStudy
from samplers import has_floor_value, replaced_trials


def ranked_trials(opened: OpenStudy) -> list[FrozenTrial]:
    """The COMPLETE trials, best first; at the end those that diverged or were refused."""
    complete = opened.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return sorted(complete, key=lambda trial: (has_floor_value(trial), -value_of(trial)))


def best_trials(opened: OpenStudy, top: int) -> list[FrozenTrial]:
    """The `top` trials by value, best first; none that diverged or was refused."""
    return [trial for trial in ranked_trials(opened) if not has_floor_value(trial)][:top]


def finished_trial(opened: OpenStudy, number: int) -> FrozenTrial:
    """The COMPLETE trial of that number.

    Raises:
        UserError: There is none.
    """
    for trial in opened.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        if trial.number == number:
            return trial
    raise UserError(f"study {opened.name} has no finished trial {number}")


def why_none_is_best(opened: OpenStudy) -> str:
    """Goes on after the study's name, where `best_trials` gives none."""
    finished = opened.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return (
        "has no honest value yet: each finished trial diverged or was refused"
        if finished
        else "has no finished trial yet"
    )


def describe_states(trials: list[FrozenTrial]) -> str:
    """For example `5 complete, 1 running, 2 done again`."""
    counts = count_states(trials)
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "no trials"


def count_states(trials: list[FrozenTrial]) -> dict[str, int]:
    """How many trials are in each of Optuna's states, by its name in small letters, and `done again`.

    A trial that another one replaces did not fail: it was handed back, lost, or the simulator failed.
    """
    replaced = replaced_trials(trials)
    again = sum(trial.state is TrialState.FAIL and trial.number in replaced for trial in trials)
    counts = {state.name.lower(): sum(trial.state is state for trial in trials) for state in TrialState}
    return {**counts, "fail": counts["fail"] - again, "done again": again}


def value_of(trial: FrozenTrial) -> float:
    """The value of a COMPLETE trial."""
    assert trial.value is not None  # Optuna: it has one
    return trial.value
