"""CMA-ES on a real PostgreSQL: long studies, several workers, and trials that die."""

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from benchmarks.written_study import write_study
from hpo.database.trial_slots import retry_trial
from samplers import named_space
from samplers.cmaes_sampler import StatelessCmaEsSampler

# Heartbeats are of no use here: nothing runs.
pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")

SPACE = named_space("sac").distributions()


def sampler() -> StatelessCmaEsSampler:
    return StatelessCmaEsSampler(SPACE, population_size=10)


def test_a_study_written_by_hand_with_5000_trials_loads(storage: BaseStorage, study_name: str) -> None:
    write_study(storage, study_name, 5000)
    chosen = sampler()
    study = optuna.load_study(study_name=study_name, storage=storage, sampler=chosen)
    trial = study.ask(SPACE)
    assert trial.number == 5000
    assert chosen.n_learned == 5000
    assert trial.params.keys() == SPACE.keys()


def test_a_lost_and_retried_trial_counts_once_with_the_result_it_came_to(storage: BaseStorage, study_name: str) -> None:
    chosen = sampler()
    study = optuna.create_study(study_name=study_name, storage=storage, sampler=chosen, direction="maximize")
    for value in range(9):
        study.tell(study.ask(SPACE), float(value))
    lost = study.ask(SPACE)
    study.tell(lost, state=TrialState.FAIL)
    study.ask(SPACE)
    assert chosen.n_learned == 10  # for all anybody knows, it failed
    retry_trial(study, study.trials[lost.number], lost=True)
    retried = study.ask()
    assert {name: retried._suggest(name, distribution) for name, distribution in SPACE.items()} == lost.params
    study.ask(SPACE)
    assert chosen.n_learned == 0  # it did not, and nine are no generation
    study.tell(retried, 3.0)
    study.ask(SPACE)
    assert chosen.n_learned == 10
