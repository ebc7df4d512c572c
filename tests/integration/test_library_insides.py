"""Where we reach into libraries, beyond what they promise: what would break without a word."""

import jax
import jax.numpy as jnp
import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial
from stable_baselines3.common.base_class import BaseAlgorithm

from hpo.database.attributes import N_TRIALS_ATTR, RUN_KEY_ATTR
from hpo.database.resilient_storage import ResilientStorage
from hpo.database.trial_slots import AlreadyThereError, StudyCompleteError
from hpo.trials.late_results import finished_by_others
from objectives.agents.chunked_training import ChunkedTraining
from objectives.agents.compilation import CompilationCounter
from objectives.run_spec import Algorithm, EnvironmentSpec, RunSpec
from objectives.training import train_run
from samplers.cmaes_sampler import StatelessCmaEsSampler
from tests.tasks import faulty_tasks  # noqa: F401  (registers its tasks)

FETCHED = "/jax/compilation_cache/cache_hits"
SPACE: dict[str, BaseDistribution] = {name: FloatDistribution(0, 1) for name in "abc"}


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")
def test_optuna_creates_every_trial_through_the_method_that_holds_the_cap(
    storage: ResilientStorage, study_name: str
) -> None:
    study = optuna.create_study(study_name=study_name, storage=storage)
    study.set_user_attr(N_TRIALS_ATTR, 2)
    planned = create_trial(state=TrialState.WAITING, user_attrs={RUN_KEY_ATTR: "one of a kind"})
    study.add_trial(planned)
    with pytest.raises(AlreadyThereError):
        study.add_trial(planned)
    study.ask()
    study.ask()
    with pytest.raises(StudyCompleteError):
        study.ask()


@pytest.mark.parametrize("algorithm", ["sac", "ppo", "sb3-ppo"])
def test_training_returns_are_averaged_over_an_episode_of_each_environment(algorithm: Algorithm) -> None:
    kept: list[int | None] = []

    def look(agent: BaseAlgorithm, _: object) -> None:
        if isinstance(agent, ChunkedTraining):
            kept.append(len(agent.rollout.episodes.ended_returns))
        else:
            assert agent.ep_info_buffer is not None
            kept.append(agent.ep_info_buffer.maxlen)

    small = {"policy_kwargs": {"net_arch": [8]}, **({} if algorithm == "sac" else {"n_steps": 2, "n_minibatches": 2})}
    environment = EnvironmentSpec(backend="gymnasium", task="Nothing-v0", n_envs=150)
    run = RunSpec(
        environment=environment, algorithm=algorithm, hyperparameters=small, seed=0, eval_seed=0, budget_s=60,
        max_steps=300, n_eval_episodes=1,
    )  # fmt: skip
    train_run(run, lambda _: None, then=look)
    assert kept == [150]


def test_jax_announces_each_program_once_whether_compiled_or_fetched() -> None:
    fetched: list[str] = []
    jax.monitoring.register_event_listener(lambda event, **_: fetched.append(event) if event == FETCHED else None)

    def compilations() -> int:
        # A function that JAX has not seen, and a program that it has, from the second call on.
        program = jax.jit(lambda x: jnp.sin(x) * 3.25 + jnp.cos(x))
        with CompilationCounter() as compiled:
            program(np.ones(7, np.float32))
            program(np.ones(7, np.float32))
        assert (compiled.seconds > 0) == (compiled.count > 0)
        return compiled.count

    assert [compilations(), compilations()] == [1, 1]
    assert fetched


def test_the_learning_rate_of_cma_es_is_adapted_where_that_is_asked_for() -> None:
    def draw(lr_adapt: bool, n_finished: int) -> dict[str, float]:
        study = optuna.create_study(
            study_name="the same", sampler=StatelessCmaEsSampler(SPACE, population_size=5, lr_adapt=lr_adapt)
        )
        for number in range(n_finished):
            place = (number * 0.37) % 1
            params = {name: (place + shift) % 1 for name, shift in zip(SPACE, (0, 0.3, 0.6), strict=True)}
            study.add_trial(create_trial(value=place**2, params=params, distributions=SPACE))
        return study.ask(SPACE).params

    assert draw(lr_adapt=True, n_finished=0) == draw(lr_adapt=False, n_finished=0)
    assert draw(lr_adapt=True, n_finished=10) != draw(lr_adapt=False, n_finished=10)


@pytest.mark.parametrize("state", [TrialState.COMPLETE, TrialState.FAIL, TrialState.PRUNED, TrialState.WAITING])
def test_optunas_words_for_a_trial_that_cannot_be_told_are_known(state: TrialState) -> None:
    study = optuna.create_study()
    values = [1.0] if state is TrialState.COMPLETE else None
    study.add_trial(create_trial(state=state, values=values))
    with pytest.raises(ValueError) as refused:  # noqa: PT011  (the words are what is tested)
        study.tell(0, 1.0)
    assert finished_by_others(refused.value)


def test_other_words_of_optuna_are_no_finished_trial() -> None:
    study = optuna.create_study()
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        study.tell(7, 1.0)
    assert not finished_by_others(refused.value)
