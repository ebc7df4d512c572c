"""Baselines in a search: known hyperparameters that take a trial each, before anything is sampled."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import TrialState, create_trial

import samplers
from hpo.database.attributes import RUN_ATTR, RUN_KEY_ATTR
from hpo.database.trial_slots import AlreadyThereError, StudyCompleteError
from hpo.did_you_mean import one_of
from hpo.errors import UserError
from hpo.files.yaml_files import read_yaml
from hpo.runs.files_of_others import hyperparameters_in
from hpo.runs.written_hyperparameters import plain_hyperparameters
from hpo.studies.study import OpenStudy
from hpo.trials.planned_run import PlannedRun

PREFIX = "baseline:"


def named_or_read(name: str, option: str = "--baseline") -> tuple[str, dict[str, Any]]:
    """What a baseline is called, and its hyperparameters: one of ours by name, or those in a YAML file.

    Raises:
        UserError: There is no such baseline, or the file cannot be read.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        try:
            return path.stem, plain_hyperparameters(hyperparameters_in(path, read_yaml(path)))
        except ValueError as error:
            raise UserError(f"{path}: {error}") from error
    if name not in samplers.BASELINES:
        raise UserError(f"{option} {name}: {one_of(name, samplers.BASELINES)}, or a file (mine.yml)")
    return name, samplers.baseline(name)


def refuse_unknown(names: Iterable[str]) -> None:
    """Raises a `UserError` if one of `names` is no baseline."""
    for name in names:
        named_or_read(name)


def enqueue_baselines(opened: OpenStudy, names: Sequence[str]) -> list[str]:
    """Enqueues the baselines of the study's definition and `names`, those that it has not had yet; gives their names.

    One that is a point of the search space is enqueued as that point, so that the sampler learns from it.

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
    of_sac = [name for name in names if name in samplers.BASELINES]
    if of_sac and opened.config.algorithm != "sac":
        raise UserError(
            f"--baseline {of_sac[0]}: that one is SAC's, and study {opened.name} trains {opened.config.algorithm}"
        )
    had = {trial.user_attrs.get(RUN_KEY_ATTR) for trial in opened.study.get_trials(deepcopy=False)}
    enqueued = []
    for name_or_file in dict.fromkeys((*opened.config.baselines, *names)):
        name, hyperparameters = named_or_read(name_or_file)
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
