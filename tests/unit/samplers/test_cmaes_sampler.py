"""CMA-ES that wastes no trial: what it learns from, and that nothing but the finished trials decides."""

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np
import optuna
import pytest
from cmaes import CMAwM
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from samplers import create_sampler, named_space
from samplers.cmaes_sampler import StatelessCmaEsSampler

SPACE: dict[str, BaseDistribution] = {
    "a": FloatDistribution(-1, 3),
    "b": FloatDistribution(1e-4, 1e-1, log=True),
    "c": IntDistribution(0, 7),
}
POPULATION = 6


def sampler(
    space: dict[str, BaseDistribution] | None = None, population_size: int = POPULATION
) -> StatelessCmaEsSampler:
    return StatelessCmaEsSampler(space or SPACE, population_size=population_size)


def study_of(chosen: optuna.samplers.BaseSampler, name: str = "study", direction: str = "maximize") -> optuna.Study:
    return optuna.create_study(study_name=name, sampler=chosen, direction=direction)


def suggest(trial: optuna.Trial) -> float:
    a, b, c = (
        trial.suggest_float("a", -1, 3),
        trial.suggest_float("b", 1e-4, 1e-1, log=True),
        trial.suggest_int("c", 0, 7),
    )
    return -((a - 1.5) ** 2) - (np.log10(b) + 2) ** 2 - 0.1 * (c - 5) ** 2


def finished(
    number: int, value: float | None = None, state: TrialState = TrialState.COMPLETE, **more: object
) -> FrozenTrial:
    """A trial that somebody else sampled and finished, `number` minutes into the day."""
    rng = np.random.default_rng(number)
    params = {"a": float(rng.uniform(-1, 3)), "b": float(10 ** rng.uniform(-4, -1)), "c": int(rng.integers(8))}
    trial = create_trial(state=state, value=value, params=params, distributions=SPACE, **more)  # type: ignore[arg-type]
    trial.datetime_complete = datetime.datetime(2026, 1, 1) + datetime.timedelta(minutes=number)
    return trial


def next_draw(trials: Sequence[FrozenTrial], chosen: StatelessCmaEsSampler | None = None) -> dict[str, float]:
    """What a sampler that has seen nothing else draws after `trials`, always as trial 40: the number is the seed."""
    study = study_of(chosen or sampler())
    study.add_trials(trials)
    # Trials that failed before they sampled anything teach nothing.
    study.add_trials([create_trial(state=TrialState.FAIL) for _ in range(40 - len(trials))])
    return study.ask(SPACE).params


def test_one_worker_gets_the_points_of_the_library_used_in_sequence() -> None:
    study = study_of(sampler())
    library = CMAwM(
        np.full(3, 0.5), 1 / 6, np.tile([0.0, 1.0], (3, 1)), np.array([0, 0, 1 / 7]), population_size=POPULATION
    )
    for _ in range(5):
        solutions = []
        for _ in range(POPULATION):
            trial = study.ask()
            number = [*b"study", trial.number]
            library.reseed_rng(int(np.random.SeedSequence(number).generate_state(1)[0]))
            drawn, point = library.ask()
            value = suggest(trial)
            expected = {"a": -1 + 4 * drawn[0], "b": 10 ** (-4 + 3 * drawn[1]), "c": round(7 * drawn[2])}
            assert trial.params == pytest.approx(expected)
            study.tell(trial, value)
            solutions.append((point, -value))
        library.tell(solutions)


def test_it_finds_the_optimum() -> None:
    study = study_of(sampler())
    study.optimize(suggest, n_trials=150)
    assert study.best_value > -0.02
    assert study.best_params["c"] == 5


def test_it_minimizes_where_the_study_does() -> None:
    study = study_of(sampler(), direction="minimize")
    study.optimize(lambda trial: -suggest(trial), n_trials=150)
    assert study.best_value < 0.02


def test_two_workers_with_the_same_history_learn_the_same_and_draw_different_points() -> None:
    storage = optuna.storages.InMemoryStorage()
    one = optuna.create_study(study_name="s", storage=storage, sampler=sampler())
    other = optuna.load_study(study_name="s", storage=storage, sampler=sampler())
    one.optimize(suggest, n_trials=2 * POPULATION)
    first, second = one.ask(SPACE), other.ask(SPACE)
    assert first.params != second.params
    again = [finished(number, float(number)) for number in range(20)]
    assert next_draw(again) == next_draw(again)


def test_it_learns_from_every_trial_however_late() -> None:
    chosen = sampler()
    study = study_of(chosen)
    for _ in range(4):
        running = [study.ask(SPACE) for _ in range(32)]
        for trial in reversed(running):
            study.tell(trial, suggest(trial))
    study.ask(SPACE)
    assert chosen.n_learned == 4 * 32 // POPULATION * POPULATION


def test_what_was_learnt_before_a_restart_is_learnt_again() -> None:
    trials = [finished(number, float(number % 7)) for number in range(20)]
    chosen = sampler()
    study = study_of(chosen)
    for trial in trials:
        study.add_trial(trial)
        study.ask(SPACE)  # learns step by step
    running = len(study.trials)
    fresh = optuna.load_study(study_name="study", storage=study._storage, sampler=sampler())
    one, other = study.ask(SPACE), fresh.ask(SPACE)
    assert (one.number, other.number) == (running, running + 1)
    # The same distribution: seeded alike they draw alike.
    assert next_draw(trials, chosen) == next_draw(trials)


def test_enqueued_trials_count() -> None:
    chosen = sampler()
    study = study_of(chosen)
    for number in range(POPULATION):
        study.enqueue_trial({"a": 1.0, "b": 1e-2, "c": number})
    study.optimize(suggest, n_trials=POPULATION)
    study.ask(SPACE)
    assert chosen.n_learned == POPULATION


def test_a_partly_enqueued_trial_counts_with_the_values_it_was_given() -> None:
    def draw_after(enqueue: bool) -> dict[str, float]:
        study = study_of(sampler())
        for number in range(POPULATION):
            given = {"a": 2.9, "c": 0}  # far from what would be drawn
            if enqueue:
                study.enqueue_trial(given)
                trial = study.ask()
                params = {name: trial._suggest(name, distribution) for name, distribution in SPACE.items()}
                study.tell(trial, float(number))
                seen.append(params)
            else:
                study.add_trial(create_trial(value=float(number), params=seen[number], distributions=SPACE))
        return study.ask(SPACE).params

    seen: list[dict[str, float]] = []
    # Somebody else's finished trials with the same parameters teach the same.
    assert draw_after(enqueue=True) == pytest.approx(draw_after(enqueue=False))


def test_the_order_of_completion_decides_not_that_of_asking() -> None:
    trials = [finished(number, float(number * 5 % 7)) for number in range(2 * POPULATION)]
    assert next_draw(trials[::-1]) == next_draw(trials)


def test_a_failed_trial_counts_as_the_worst() -> None:
    good = [finished(number, float(number)) for number in range(POPULATION - 1)]
    failed = next_draw([*good, finished(POPULATION, state=TrialState.FAIL)])
    worst = next_draw([*good, finished(POPULATION, 0.0)])
    best = next_draw([*good, finished(POPULATION, 99.0)])
    assert failed == worst != best


@pytest.mark.parametrize("place", [0, POPULATION - 1])
@pytest.mark.parametrize("marks", [{"diverged": True}, {"refused": "too large"}])
def test_a_trial_without_an_honest_value_is_behind_all_of_its_group(marks: dict[str, Any], place: int) -> None:
    honest = [finished(number, float(number)) for number in range(POPULATION - 1)]

    def among(value: float, **attributes: Any) -> list[FrozenTrial]:
        return [*honest[:place], finished(POPULATION, value, user_attrs=attributes), *honest[place:]]

    # Whatever is stored as its value, also where it is the first of all.
    assert next_draw(among(99.0, **marks)) == next_draw(among(-1.0)) != next_draw(among(99.0))


def test_a_trial_that_was_handed_back_does_not_count() -> None:
    before = [finished(number, float(number)) for number in range(POPULATION - 1)]
    handed_back = finished(POPULATION, state=TrialState.FAIL)
    replacement = finished(POPULATION + 1, 50.0, user_attrs={"retry_of": POPULATION - 1})
    # Added as numbers 0 .. 4, 5 and 6: the replacement's `retry_of` is that of the failed one.
    assert next_draw([*before, handed_back, replacement]) == next_draw([*before, replacement])


def test_a_pruned_trial_counts_as_what_stood_where_it_stood() -> None:
    complete = [
        finished(number, 10.0 * number, intermediate_values={10: float(number), 20: 5.0 * number})
        for number in range(POPULATION - 1)
    ]

    def pruned(value: float) -> FrozenTrial:
        return finished(POPULATION, None, TrialState.PRUNED, intermediate_values={10: value})

    # At 10 s it stood between the trials that came to 20 and 30, and so counts as 20.
    assert next_draw([*complete, pruned(2.5)]) == next_draw([*complete, finished(POPULATION, 20.0)])
    assert next_draw([*complete, pruned(-5.0)]) == next_draw([*complete, finished(POPULATION, -5.0)])


def test_another_population_size_uses_the_same_trials() -> None:
    study = study_of(sampler())
    study.optimize(suggest, n_trials=30)
    chosen = sampler(population_size=10)
    study.sampler = chosen
    study.ask(SPACE)
    assert chosen.n_learned == 30


def test_another_space_is_refused_with_the_difference() -> None:
    study = study_of(sampler())
    study.optimize(suggest, n_trials=2)
    study.sampler = sampler({**SPACE, "c": IntDistribution(0, 9)})
    with pytest.raises(ValueError, match=r"trial 0 was sampled from another space: c from .*high=7.*high=9"):
        study.ask({**SPACE, "c": IntDistribution(0, 9)})


def test_without_a_space_it_learns_it_from_the_first_trials() -> None:
    chosen = StatelessCmaEsSampler(population_size=POPULATION)
    study = study_of(chosen)
    study.optimize(suggest, n_trials=40)
    assert chosen.n_learned == 36


def test_without_a_space_a_trial_from_another_range_that_gave_nothing_is_left_out() -> None:
    chosen = StatelessCmaEsSampler(population_size=POPULATION)
    study = study_of(chosen)
    study.add_trial(finished(0, 1.0))
    other = {**SPACE, "a": FloatDistribution(-1, 9)}
    for state in (TrialState.FAIL, TrialState.PRUNED):
        study.add_trial(create_trial(state=state, params={"a": 8.0, "b": 1e-2, "c": 1}, distributions=other))
    study.optimize(suggest, n_trials=POPULATION)
    assert chosen.n_learned == POPULATION


def test_no_integer_dimension_freezes() -> None:
    study = study_of(sampler())
    study.optimize(lambda trial: -suggest(trial) * 0 + trial.suggest_float("a", -1, 3), n_trials=200)
    assert len({trial.params["c"] for trial in study.trials[-60:]}) > 1


def test_learning_rate_adaptation_is_an_option() -> None:
    space = named_space("sac").distributions()
    chosen = create_sampler("cmaes", search_space=space, population_size=10, lr_adapt=True)
    study = study_of(chosen)
    for _ in range(35):
        trial = study.ask(space)
        study.tell(trial, float(np.sin(trial.number)))
    assert isinstance(chosen, StatelessCmaEsSampler)
    assert chosen.n_learned == 30


def test_a_population_of_two_is_refused() -> None:
    with pytest.raises(ValueError, match="a population of 2 is too small"):
        create_sampler("cmaes", population_size=2)


def test_nothing_but_numbers_is_stored() -> None:
    study = study_of(sampler())
    study.optimize(suggest, n_trials=20)
    for trial in study.trials:
        for value in trial.system_attrs.values():
            assert all(isinstance(number, float) for numbers in value for number in numbers)
