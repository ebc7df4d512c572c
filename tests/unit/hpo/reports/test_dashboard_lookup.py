"""What the dashboard finds by key is what it would find by looking through everything."""

from collections.abc import ItemsView
from typing import Any

import optuna
import pytest
from optuna_dashboard import _note, _serializer, save_note

from hpo.reports.dashboard_lookup import artifacts_of, look_up_by_key, note_of

# As they are before anything is replaced.
NOTE_OF, ARTIFACTS_OF = _note.get_note_from_system_attrs, _serializer.list_trial_artifacts


@pytest.fixture
def study() -> optuna.Study:
    study = optuna.create_study()
    trials = [study.ask() for _ in range(13)]  # 1 and 12 have a prefix in common
    for trial, note in ((trials[1], "short"), (trials[12], "long " * 2000)):
        save_note(trial, "first " * 1000)
        save_note(trial, note)
    save_note(study, "of the study")
    return study


def test_notes_are_the_dashboards(study: optuna.Study) -> None:
    attrs = study._storage.get_study_system_attrs(study._study_id)
    for trial_id in (None, *range(13)):
        assert note_of(attrs, trial_id) == NOTE_OF(attrs, trial_id)
    assert note_of(attrs, 1) == {"version": 2, "body": "short"}


def test_artifacts_are_the_trials_own(study: optuna.Study) -> None:
    trial = study.trials[1]
    attrs = study._storage.get_study_system_attrs(study._study_id)
    own = {"artifacts:1": '{"artifact_id": "1", "filename": "a.png"}', "fixed_params": {}}
    assert artifacts_of(attrs, own, trial) == ARTIFACTS_OF(attrs, own, trial) != []


def test_the_dashboard_uses_them_when_it_shows_a_trial(study: optuna.Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_note, "get_note_from_system_attrs", NOTE_OF)
    monkeypatch.setattr(_serializer, "list_trial_artifacts", ARTIFACTS_OF)

    class CountsLooksThroughAll(dict[str, Any]):
        looks = 0

        def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
            self.looks += 1
            return super().items()

    attrs = CountsLooksThroughAll(study._storage.get_study_system_attrs(study._study_id))
    before = _serializer.serialize_frozen_trial(study._study_id, study.trials[1], attrs)
    assert attrs.looks == 2
    look_up_by_key()
    assert _serializer.serialize_frozen_trial(study._study_id, study.trials[1], attrs) == before
    assert attrs.looks == 2
