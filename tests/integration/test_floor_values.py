"""What is stored as the value of a trial that has none of its own."""

import math
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage
from hpo.files.home import hpo_home
from hpo.trials.floor_values import settle, values
from hpo.trials.planned_run import PlannedRun

DIVERGED: dict[str, Any] = {"diverged": True}
REFUSED: dict[str, Any] = {"refused": "needs 74.5 GiB memory"}


@pytest.fixture
def study(storage: ResilientStorage, study_name: str) -> optuna.Study:
    return optuna.create_study(study_name=study_name, storage=storage, direction="maximize")


def finish(study: optuna.Study, value: float, user_attrs: dict[str, Any] | None = None) -> None:
    study.add_trial(create_trial(value=value, user_attrs=user_attrs or {}))
    settle(study)


def stored(study: optuna.Study) -> list[float | None]:
    return [trial.value for trial in study.get_trials(deepcopy=False)]


def run(floor: float | None, **changes: Any) -> dict[str, Any]:
    """Attributes of a replay's run."""
    planned = PlannedRun(candidate="trial 0", hyperparameters={}, seed=1, changes=changes, floor=floor)
    return {"run": planned.model_dump(mode="json")}


def just_below(value: float) -> float:
    return math.nextafter(value, -math.inf)


def test_it_goes_down_with_the_worst_honest_value_and_is_never_best(study: optuna.Study) -> None:
    finish(study, -1000.0, DIVERGED)
    assert stored(study) == [-1000]  # there is nothing to compare with
    finish(study, -2e5, {"diverged": False})
    assert stored(study) == [just_below(-2e5), -2e5]
    finish(study, -5e5)
    finish(study, 7.0, REFUSED)
    assert stored(study) == [just_below(-5e5), -2e5, -5e5, just_below(-5e5)]
    assert study.best_trial.number == 1


def test_it_comes_up_from_a_guess_that_would_flatten_every_plot(study: optuna.Study) -> None:
    finish(study, -1000.0, DIVERGED)
    finish(study, 3.5)
    assert stored(study) == [just_below(3.5), 3.5]


def test_a_process_that_has_read_the_trial_before_sees_its_new_value(study: optuna.Study) -> None:
    finish(study, -1000.0, DIVERGED)
    with open_storage(None, hpo_home()) as other:
        elsewhere = optuna.load_study(study_name=study.study_name, storage=other)
        assert stored(elsewhere) == [-1000]
        finish(study, -2e5)
        assert stored(elsewhere) == [just_below(-2e5), -2e5]
        assert elsewhere.best_trial.number == 1


def test_in_a_replay_each_setting_has_its_own(study: optuna.Study) -> None:
    finish(study, 50.0, {**run(floor=-8.0), **DIVERGED})
    finish(study, 50.0, {**run(floor=None, task="Other-v0"), **DIVERGED})
    finish(study, 5.0, run(floor=-8.0))
    finish(study, -70.0, run(floor=None, task="Other-v0"))
    # The search's worst counts where the replay's setting is the search's.
    assert stored(study) == [just_below(-8.0), just_below(-70.0), 5.0, -70.0]


def test_what_is_read_does_not_wait_for_what_is_stored(study: optuna.Study) -> None:
    study.add_trial(create_trial(value=-1000.0, user_attrs=DIVERGED))
    study.add_trial(create_trial(value=-2e5))  # whose worker was killed before it settled
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    assert values(finished) == {0: just_below(-2e5), 1: -2e5}
