"""The number of trials of a study: it is no part of what makes two trials comparable, and may change."""

from hpo.database.attributes import N_TRIALS_ATTR
from hpo.errors import UserError
from hpo.studies.study import OpenStudy
from samplers import RETRY_OF_ATTR


def extend(opened: OpenStudy, n_trials: int) -> None:
    """Has the study end after `n_trials` trials; its workers find that before their next one.

    Raises:
        UserError: It has begun more than that already, or it is a replay, which has the runs that were planned.
    """
    if opened.is_replay:
        raise UserError(
            f"study {opened.name} is a replay, which has as many runs as were planned: hpo replay --study "
            f"{opened.definition.replay_of} --seeds N plans more"
        )
    if n_trials < 1:
        raise UserError(f"--n-trials {n_trials}: a study has one trial at least")
    begun = slots_taken(opened)
    if n_trials < begun:
        raise UserError(
            f"study {opened.name} has begun {begun} trials already: --n-trials {begun} ends it with those, "
            "and hpo stop has its workers leave"
        )
    opened.study.set_user_attr(N_TRIALS_ATTR, n_trials)


def slots_taken(opened: OpenStudy) -> int:
    """Trials that were begun or enqueued, without those that replace another one."""
    return sum(RETRY_OF_ATTR not in trial.user_attrs for trial in opened.study.get_trials(deepcopy=False))
