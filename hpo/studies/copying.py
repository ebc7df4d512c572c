"""A study again under another name, or in another storage."""

import warnings
from collections.abc import Callable, Iterable

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState
from optuna_dashboard import get_note, save_note

from hpo.database.attributes import N_TRIALS_ATTR
from hpo.errors import UserError
from hpo.studies.artifacts import with_own_artifacts
from hpo.studies.study import OpenStudy, create_study, find_study


def copy_definition(source: OpenStudy, to: BaseStorage, name: str, replay_of: str | None = None) -> OpenStudy:
    """A study called `name` with the definition of `source` and its number of trials, and no trials.

    Args:
        source: What is copied.
        to: Where.
        name: Of the copy.
        replay_of: Of a replay: what its search is called there.

    Raises:
        UserError: There is a study of that name.
    """
    if find_study(to, name) is not None:
        raise UserError(f"there is a study {name} already: choose another name, or hpo delete --study {name}")
    copy = create_study(to, name, source.definition.model_copy(update={"replay_of": replay_of}))
    copy.study.set_user_attr(N_TRIALS_ATTR, source.study.user_attrs.get(N_TRIALS_ATTR, source.config.n_trials))
    return copy


def copy_trials(
    source: OpenStudy, copy: OpenStudy, track: Callable[[list[FrozenTrial]], Iterable[FrozenTrial]]
) -> None:
    """Adds all trials of `source`, with their numbers and notes, to `copy`, which has none.

    Args:
        source: What is copied.
        copy: Its copy.
        track: Gives the trials one after another, and shows a person how far it is.

    Raises:
        UserError: A trial runs: in the copy nobody would end it.
    """
    trials = source.study.get_trials(deepcopy=False)
    if any(trial.state is TrialState.RUNNING for trial in trials):
        raise UserError(f"trials of study {source.name} are running: hpo stop --study {source.name} first")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        for trial in track(trials):
            copy.study.add_trial(with_own_artifacts(trial, source.artifacts, copy.artifacts))
            note = get_note(optuna.Trial(source.study, trial._trial_id))
            if note:
                new_id = copy.study._storage.get_trial_id_from_study_id_trial_number(copy.study._study_id, trial.number)
                save_note(optuna.Trial(copy.study, new_id), note)
