"""A worker's writes between two runs: attributes at once, and notes that the dashboard reads."""

from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState
from optuna_dashboard import get_note, save_note

from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage

pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")


@pytest.fixture
def study(storage: ResilientStorage, study_name: str) -> optuna.Study:
    return optuna.create_study(study_name=study_name, storage=storage)


def test_attributes_are_set_and_set_again(storage: ResilientStorage, study: optuna.Study) -> None:
    trial = study.ask()
    storage.set_trial_user_attrs(trial._trial_id, {"kept": 1, "changed": [1.5, None], "text": "ä"})
    storage.set_trial_user_attrs(trial._trial_id, {"changed": {"a": "b"}})
    assert study.trials[0].user_attrs == {"kept": 1, "changed": {"a": "b"}, "text": "ä"}


def test_a_finished_trial_takes_no_attributes(storage: ResilientStorage, study: optuna.Study) -> None:
    trial = study.ask()
    study.tell(trial, 1.0)
    with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
        storage.set_trial_user_attrs(trial._trial_id, {"late": 1})
    assert study.trials[0].user_attrs == {}


def test_a_note_takes_the_place_of_a_longer_one_and_of_one_that_a_person_wrote(
    storage: ResilientStorage, study: optuna.Study
) -> None:
    trial, other = study.ask(), study.ask()
    storage.set_trial_note(other._trial_id, "another trial's")
    storage.set_trial_note(trial._trial_id, "long " * 2000)
    assert get_note(trial) == "long " * 2000
    save_note(trial, "a person's " * 1000)
    study.tell(trial, state=TrialState.FAIL)
    storage.set_trial_note(trial._trial_id, "**Failed:** it did")
    assert (get_note(trial), get_note(other)) == ("**Failed:** it did", "another trial's")
    # The dashboard refuses to save what a person typed meanwhile: it counts the versions.
    versions = storage.get_study_system_attrs(study._study_id)
    assert versions[f"dashboard:{trial._trial_id}:note_ver"] == 3


def test_sqlite_takes_them_as_well(tmp_path: Path) -> None:
    with open_storage(f"sqlite:///{tmp_path}/studies.db", tmp_path, for_worker=True) as storage:
        study = optuna.create_study(storage=storage)
        trial = study.ask()
        storage.set_trial_user_attrs(trial._trial_id, {"a": 1, "b": 2})
        storage.set_trial_note(trial._trial_id, "one")
        storage.set_trial_note(trial._trial_id, "two")
        assert (study.trials[0].user_attrs, get_note(trial)) == ({"a": 1, "b": 2}, "two")
