from typing import Any

import pytest
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.trial import create_trial

from hpo.reports.true_values import shown_dimensions, with_true_values
from samplers import SearchSpace, named_space


@pytest.mark.parametrize("name", ["sac", "sac-rough", "tqc", "crossq", "td3", "ppo"])
@pytest.mark.parametrize("corner", ["low", "high"])
def test_what_is_shown_is_what_the_agent_was_given(name: str, corner: str) -> None:
    space = named_space(name)
    sampled = {key: getattr(dimension, corner) for key, dimension in space.dimensions.items()}
    whole = {key: int(value) if space.dimensions[key].kind == "int" else value for key, value in sampled.items()}
    trial = create_trial(value=1.0, params=whole, distributions=space.distributions())
    true = with_true_values(trial, shown_dimensions(space))
    given = space.hyperparameters(whole)
    for key in ("gamma", "learning_rate", "batch_size", "gradient_steps", "policy_delay", "n_epochs", "clip_range"):
        assert true.params.get(key) == given.get(key)
    if "ent_coef_init" in whole:
        assert given["ent_coef"] == f"auto_{true.params['ent_coef']}"
    for key, value in true.params.items():
        assert true.distributions[key]._contains(true.distributions[key].to_internal_repr(value)), key
    assert trial.params == whole
    assert len(true.params) == len(whole)


def space_of(**dimensions: dict[str, Any]) -> SearchSpace:
    return SearchSpace.model_validate({"name": "own", "dimensions": dimensions})


def test_powers_keep_their_distances_and_choices_are_named_by_what_differs() -> None:
    networks = [{"policy": "MlpPolicy", "policy_kwargs": {"net_arch": [64 * size, 64]}} for size in (1, 2, 4)]
    space = space_of(
        batch_size_pow={
            "kind": "int",
            "low": 5,
            "high": 9,
            "hyperparameter": "batch_size",
            "transform": "power-of-two",
        },
        network={"hyperparameter": None, "choices": networks, "low": 1},
    )
    shown = shown_dimensions(space)
    assert shown["batch_size_pow"].distribution == IntDistribution(32, 512, log=True)
    assert (shown["network"].name, shown["network"].value(1)) == ("net_arch", "128-64")
    assert shown["network"].distribution == CategoricalDistribution(["128-64", "256-64"])


def test_what_the_space_cannot_have_sampled_stays() -> None:
    params = {"other": 3, "batch_size_pow": 40, "net_arch_complexity": 99}
    distributions = {name: IntDistribution(1, 100) for name in params}
    trial = create_trial(value=1.0, params=params, distributions=distributions)
    true = with_true_values(trial, shown_dimensions(named_space("sac")))
    assert (true.params, true.distributions) == (params, distributions)
