"""Baselines in a search: known hyperparameters that take a trial each, before anything is sampled."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from optuna.trial import FrozenTrial

import samplers
from hpo.database.attributes import RUN_KEY_ATTR
from hpo.database.trial_slots import AlreadyThereError, StudyCompleteError
from hpo.errors import UserError
from hpo.studies.searched_settings import with_settings
from hpo.studies.study import OpenStudy
from hpo.trials.baselines import PREFIX, Baseline, Baselines, is_file
from hpo.trials.planned_run import PlannedRun, planned_run, waiting_trial


def enqueue_baselines(opened: OpenStudy, names: Sequence[str], baselines: Baselines) -> list[Baseline]:
    """Enqueues the baselines of the study's definition and `names`, those that it has not had yet; gives these.

    One that is a point of the search space is enqueued as that point, so that the sampler learns from it.

    Args:
        opened: The study.
        names: What is asked for besides.
        baselines: Knows what they are.

    Raises:
        UserError: The study is a replay, or has no trial left for one of `names`.
    """
    if opened.is_replay:
        if names:
            raise UserError(
                f"study {opened.name} is a replay: hpo replay --study {opened.definition.replay_of} --include "
                f"{PREFIX}NAME replays a baseline"
            )
        return []
    had = {trial.user_attrs.get(RUN_KEY_ATTR): trial for trial in opened.study.get_trials(deepcopy=False)}
    enqueued = []
    for name in dict.fromkeys((*opened.config.baselines, *names)):
        there = had.get(f"{PREFIX}{Path(name).stem if is_file(name) else name}")
        if there is not None:
            if is_file(name):
                _refuse_another(opened, there, baselines.get(name))
            continue
        baseline = baselines.get(name)
        try:
            opened.study.add_trial(waiting_baseline(opened, baseline))
        except AlreadyThereError:
            continue  # another worker was faster
        except StudyCompleteError:
            raise UserError(
                f"baseline {baseline.name}: study {opened.name} has had all of its {opened.n_trials} trials (hpo "
                "extend gives it more)"
            ) from None
        enqueued.append(baseline)
    return enqueued


def refuse_namesakes(baselines: Iterable[Baseline]) -> None:
    """Raises a `UserError` if two baselines that train otherwise have one name: a study takes one trial of a name."""
    known: dict[str, Baseline] = {}
    for baseline in baselines:
        other = known.setdefault(baseline.key, baseline)
        if (other.hyperparameters, other.changes) != (baseline.hyperparameters, baseline.changes):
            raise UserError(f"two baselines are called {baseline.name}: give one of the files another name")


def _refuse_another(opened: OpenStudy, trial: FrozenTrial, baseline: Baseline) -> None:
    run = planned_run(trial)
    if run is not None and (run.hyperparameters, run.candidate_changes) != (baseline.hyperparameters, baseline.changes):
        raise UserError(
            f"trial {trial.number} of study {opened.name} is baseline {baseline.name} with other hyperparameters: give "
            "the file another name"
        )


def waiting_baseline(opened: OpenStudy, baseline: Baseline) -> FrozenTrial:
    """A trial that waits to run `baseline`: as the point of the search space that it is, or beside the space."""
    space = opened.config.search_space
    values = {}
    if isinstance(space, samplers.SearchSpace) and not baseline.changes:
        point = with_settings(opened.config, space, baseline.hyperparameters)
        values = samplers.values_of(space, point) or {}
    run = PlannedRun(
        candidate=baseline.key, hyperparameters=baseline.hyperparameters, candidate_changes=baseline.changes
    )
    return waiting_trial(run, baseline.key, values, space.distributions())
