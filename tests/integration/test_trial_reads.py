"""Our way to read trials gives what Optuna's gives."""

import math

import optuna
import pytest
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from hpo.database.resilient_storage import ResilientStorage
from samplers import named_space

pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")


@pytest.fixture
def study(storage: ResilientStorage, study_name: str) -> optuna.Study:
    """Trials in all states, with and without anything; and another study beside it."""
    optuna.create_study(study_name=f"{study_name} beside", storage=storage).ask()
    study = optuna.create_study(study_name=study_name, storage=storage, sampler=optuna.samplers.RandomSampler(seed=1))
    full = study.ask(named_space("sac").distributions())
    full.set_user_attr("versions", {"python": "3.12", "none": None})
    full.set_user_attr("curve", [[1.0, 2], [3.5, None]])
    storage.set_trial_system_attr(full._trial_id, "cma", "x")
    for step, value in ((3, 1.5), (1, math.inf), (2, -math.inf), (4, math.nan)):
        full.report(value, step)
    study.tell(full, -math.inf)
    study.tell(study.ask(), 3.25)
    study.tell(study.ask(), state=TrialState.FAIL)
    pruned = study.ask({"layers": optuna.distributions.CategoricalDistribution(["[64]", "[64, 64]"])})
    pruned.report(1.0, 1)
    study.tell(pruned, state=TrialState.PRUNED)
    study.ask({"n": optuna.distributions.IntDistribution(1, 64, log=True)})
    study.add_trial(create_trial(state=TrialState.WAITING, user_attrs={"retry_of": 2}))
    return study


@pytest.mark.parametrize("states", [None, (TrialState.COMPLETE, TrialState.RUNNING), (TrialState.PRUNED,), ()])
@pytest.mark.parametrize(("included", "above"), [((), None), ((4,), 4), ((0, 3), 99), ((), 99)])
def test_trials_read_as_by_optuna(
    storage: ResilientStorage, study: optuna.Study, states: tuple[TrialState, ...] | None, included: tuple[int, ...],
    above: int | None,
) -> None:  # fmt: skip
    first = study.trials[0]._trial_id
    ids = {first + number for number in included}
    asked = (study._study_id, states, ids, -1 if above is None else first + above)
    ours = storage.tables._get_trials(*asked)
    assert [told(trial) for trial in ours] == [told(t) for t in RDBStorage._get_trials(storage.tables, *asked)]
    if states is None and above is None:
        assert [trial.number for trial in ours] == [0, 1, 2, 3, 4, 5]


def told(trial: FrozenTrial) -> str:
    """All that a trial says; two that have the same NaN are not equal."""
    return repr(
        {key: sorted(value.items()) if isinstance(value, dict) else value for key, value in vars(trial).items()}
    )


def test_a_study_that_is_gone_is_an_error(storage: ResilientStorage, study: optuna.Study) -> None:
    with pytest.raises(KeyError):
        storage.tables._get_trials(study._study_id + 1000, None, set(), -1)
