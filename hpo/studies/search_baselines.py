"""Baselines in a search: known hyperparameters that take a trial each, before anything is sampled."""

from collections.abc import Iterable, Sequence

from optuna.trial import TrialState, create_trial

import samplers
from hpo.database.trial_slots import RUN_ATTR, RUN_KEY_ATTR, AlreadyThereError, StudyCompleteError
from hpo.errors import UserError
from hpo.studies.planned_run import PlannedRun
from hpo.studies.study import OpenStudy

PREFIX = "baseline:"


def refuse_unknown(names: Iterable[str]) -> None:
    """Raises a `UserError` if one of `names` is no baseline."""
    for name in names:
        if name not in samplers.BASELINES:
            raise UserError(f"--baseline {name}: there are {', '.join(samplers.BASELINES)}")


def enqueue_baselines(opened: OpenStudy, names: Sequence[str]) -> list[str]:
    """Enqueues the baselines of the study's definition and `names`, those that it has not had yet; gives their names.

    One that is a point of the search space is enqueued as that point, so that the sampler learns from it.

    Raises:
        UserError: The study is a replay, or has no trial left for one of `names`.
    """
    if opened.definition.replay_of is not None:
        if names:
            raise UserError(
                f"study {opened.name} is a replay: hpo replay --study {opened.definition.replay_of} --include "
                f"{PREFIX}NAME replays a baseline"
            )
        return []
    if names and opened.config.algorithm != "sac":
        raise UserError(
            f"--baseline {names[0]}: baselines are SAC's, and study {opened.name} trains {opened.config.algorithm}"
        )
    had = {trial.user_attrs.get(RUN_KEY_ATTR) for trial in opened.study.get_trials(deepcopy=False)}
    enqueued = []
    for name in dict.fromkeys((*opened.config.baselines, *names)):
        hyperparameters = samplers.baseline(name)
        key = f"{PREFIX}{name}"
        if key in had:
            continue
        space = opened.config.search_space
        values = (isinstance(space, samplers.SearchSpace) and samplers.values_of(space, hyperparameters)) or {}
        trial = create_trial(
            state=TrialState.WAITING,
            params=values,
            distributions={parameter: space.distributions()[parameter] for parameter in values},
            user_attrs={
                RUN_KEY_ATTR: key,
                RUN_ATTR: PlannedRun(candidate=key, hyperparameters=hyperparameters).model_dump(exclude_unset=True),
            },
        )
        try:
            opened.study.add_trial(trial)
        except AlreadyThereError:
            continue  # another worker was faster
        except StudyCompleteError:
            raise UserError(
                f"baseline {name}: study {opened.name} has had all of its {opened.n_trials} trials (hpo extend gives "
                "it more)"
            ) from None
        enqueued.append(name)
    return enqueued
