import importlib.util

import optuna
import pytest

from samplers import PRUNER_NAMES, SAMPLER_NAMES, check_sampler, create_pruner, create_sampler


def first_point(sampler: optuna.samplers.BaseSampler) -> float:
    study = optuna.create_study(sampler=sampler)
    return study.ask().suggest_float("x", 0, 1)


@pytest.mark.parametrize("name", [name for name in SAMPLER_NAMES if name != "auto"])
def test_two_workers_never_ask_the_same_first_point(name: str) -> None:
    points = {first_point(create_sampler(name)) for _ in range(5)}
    assert len(points) == 5


def test_population_size_is_that_of_optunas_cma_es() -> None:
    sampler = create_sampler("optuna-cmaes", population_size=5, seed=1)
    study = optuna.create_study(sampler=sampler)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) + trial.suggest_float("y", 0, 1), n_trials=13)
    generations = [v for t in study.trials for k, v in t.system_attrs.items() if k.endswith("generation")]
    assert max(generations) == 2


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("nope", {}, "cmaes, optuna-cmaes, tpe, gp, random, auto"),
        ("cmaes", {"nope": 1}, "population_size"),
        ("tpe", {"nope": 1}, "has no option"),
    ],
)
def test_unknown_samplers_and_options_are_refused_with_the_known_ones(
    name: str, options: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        create_sampler(name, **options)


def test_the_auto_sampler_is_checked_without_fetching_it_and_says_what_it_needs() -> None:
    check_sampler("auto")
    with pytest.raises(ValueError, match="sampler auto has no option 'nope'; it has seed"):
        check_sampler("auto", nope=1)
    # `optunahub` is an extra that the tests go without: they have no network to fetch a sampler over.
    assert importlib.util.find_spec("optunahub") is None
    with pytest.raises(ValueError, match=r"pip install 'hpo\[auto\]'"):
        create_sampler("auto")


def test_unknown_pruners_and_options_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="none, median, percentile, asha, hyperband, wilcoxon"):
        create_pruner("nope")
    with pytest.raises(ValueError, match="n_startup_trials"):
        create_pruner("median", nope=1)
    with pytest.raises(ValueError, match="pruner percentile needs percentile"):
        create_pruner("percentile")


@pytest.mark.parametrize("name", PRUNER_NAMES)
def test_every_pruner_works_beside_cma_es(name: str) -> None:
    pruner = create_pruner(name, **({"percentile": 25.0} if name == "percentile" else {}))
    study = optuna.create_study(
        sampler=create_sampler("cmaes", population_size=5), pruner=pruner, direction="maximize", study_name="study"
    )

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1) + trial.suggest_float("y", 0, 1)
        for second in range(5, 61, 5):
            trial.report(x * second, second)
            if trial.should_prune():
                raise optuna.TrialPruned
        return x * 60

    study.optimize(objective, n_trials=40)
    pruned = sum(trial.state is optuna.trial.TrialState.PRUNED for trial in study.trials)
    assert (pruned > 0) == (name != "none")
    assert study.best_value > 60
