import math

import numpy as np
import optuna
import pytest
from pydantic import ValidationError

from samplers import (
    BASELINES,
    SPACES,
    Dimension,
    SearchSpace,
    UnitCube,
    baseline,
    named_space,
    optional_dimension,
    replay_ratio,
    values_of,
)

SAC = named_space("sac")


def corner(which: str) -> dict[str, float]:
    return {name: getattr(dimension, which) for name, dimension in SAC.dimensions.items()}


def test_the_sac_space_is_that_of_the_recipe() -> None:
    ranges = {name: (d.kind, d.low, d.high, d.log) for name, d in SAC.dimensions.items()}
    assert ranges == {
        "gamma": ("float", 0.975, 0.995, False),
        "learning_rate": ("float", 1e-4, 2e-3, True),
        "ent_coef_init": ("float", 1e-3, 2e-2, True),
        "batch_size_pow": ("int", 7, 12, False),
        "net_arch_complexity": ("int", 0, 3, False),
        "train_freq_pow": ("int", 0, 3, False),
        "gradient_steps_pow": ("int", 0, 10, False),
        "policy_delay_pow": ("int", 0, 5, False),
        "tau": ("float", 1e-3, 5e-2, True),
    }


def test_sampled_values_become_true_hyperparameters() -> None:
    values = {
        **corner("low"),
        "batch_size_pow": 9,
        "net_arch_complexity": 2,
        "gradient_steps_pow": 5,
        "policy_delay_pow": 3,
    }
    hyperparameters = SAC.hyperparameters({**values, "ent_coef_init": 0.0094})
    assert hyperparameters["batch_size"] == 512
    assert hyperparameters["gradient_steps"] == 32
    assert hyperparameters["policy_delay"] == 8
    assert hyperparameters["train_freq"] == 1
    assert hyperparameters["ent_coef"] == "auto_0.0094"
    assert hyperparameters["policy_kwargs"]["net_arch"] == [512, 256, 128]
    assert hyperparameters["policy_kwargs"]["layer_norm"] is True


def test_one_conversion_does_not_leak_into_the_next() -> None:
    large = SAC.hyperparameters({**corner("low"), "net_arch_complexity": 2})
    large["policy_kwargs"]["net_arch"].append(1)
    large["policy_kwargs"]["new"] = 1
    assert SAC.hyperparameters({**corner("low"), "net_arch_complexity": 2})["policy_kwargs"] == {
        **SAC.fixed["policy_kwargs"],
        "net_arch": [512, 256, 128],
    }


def test_every_value_optuna_samples_can_be_converted() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(200):
        trial = study.ask()
        hyperparameters = SAC.hyperparameters(SAC.sample(trial))
        assert 128 <= hyperparameters["batch_size"] <= 4096
        assert 1 <= hyperparameters["gradient_steps"] <= 1024


@pytest.mark.parametrize("value", [0.9, 0.999, math.nan, math.inf])
def test_a_value_outside_its_range_is_refused_by_name(value: float) -> None:
    with pytest.raises(ValueError, match="gamma"):
        SAC.hyperparameters({**corner("low"), "gamma": value})


def test_a_missing_value_is_refused_by_name() -> None:
    values = corner("low")
    del values["tau"]
    with pytest.raises(ValueError, match="no value for tau"):
        SAC.hyperparameters(values)


@pytest.mark.parametrize(
    "fields",
    [
        {"low": 1, "high": 1},
        {"low": 0, "high": 1, "log": True},
        {"low": 0.5, "high": 2, "kind": "int"},
        {"low": 0, "high": 2, "transform": "power-of-two"},
        {"low": 0, "high": 9, "kind": "int", "transform": "network"},
        {"low": 0, "high": math.inf},
        {"low": 0, "high": 1, "unknown": 1},
    ],
)
def test_impossible_dimensions_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Dimension.model_validate({"kind": "float", "hyperparameter": "x", **fields})


def test_a_study_holds_its_networks_and_one_of_version_0_1_means_what_it_meant() -> None:
    dimension = SAC.dimensions["net_arch_complexity"]
    stored = dimension.model_dump()
    assert stored["choices"][2] == {"policy": "MlpPolicy", "policy_kwargs": {"net_arch": [512, 256, 128]}}
    of_0_1 = {
        "kind": "int", "low": 0.0, "high": 3.0, "log": False, "step": None, "choices": None,
        "hyperparameter": "policy_kwargs.net_arch", "transform": "network",
    }  # fmt: skip
    old = Dimension.model_validate(of_0_1)
    assert old.distribution() == dimension.distribution()
    assert [old.becomes(place) for place in range(4)] == [dimension.becomes(place) for place in range(4)]
    assert old.becomes(3) == {"policy": "SimbaPolicy", "policy_kwargs": {"net_arch": {"pi": [128], "qf": [256, 256]}}}


def test_a_part_of_the_choices_can_be_searched() -> None:
    dimension = Dimension.model_validate({"choices": [8, 16, 32, 64], "low": 1, "high": 2, "hyperparameter": "n"})
    assert dimension.distribution() == optuna.distributions.IntDistribution(1, 2)
    space = SearchSpace(name="x", dimensions={"n": dimension})
    assert [example["n"] for example in space.examples()] == [16, 32]


def test_a_choice_may_determine_several_hyperparameters() -> None:
    pairs = [
        {"n_steps": 1, "policy_kwargs": {"dropout_rate": 0.0}},
        {"n_steps": 3, "policy_kwargs": {"dropout_rate": 0.1}},
    ]
    space = SearchSpace.model_validate(
        {"name": "x", "dimensions": {"pair": {"choices": pairs, "hyperparameter": None}}, "fixed": {"gamma": 0.9}}
    )
    assert space.hyperparameters({"pair": 1}) == {"gamma": 0.9, **pairs[1]}
    assert values_of(space, {"gamma": 0.9, **pairs[0]}) == {"pair": 0}
    with pytest.raises(ValidationError, match="several dimensions determine n_steps"):
        SearchSpace.model_validate(
            {"name": "x", "dimensions": {"pair": space.dimensions["pair"], "n_steps": {"choices": [1, 2]}}}
        )
    with pytest.raises(ValidationError, match="each choice is a mapping"):
        Dimension.of_choices(None, 1, 2)


def test_two_dimensions_for_one_hyperparameter_are_refused() -> None:
    tau = SAC.dimensions["tau"]
    with pytest.raises(ValidationError, match="several dimensions determine tau"):
        SearchSpace(name="x", dimensions={"tau": tau, "tau_again": tau})


def test_an_unknown_space_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=", ".join(SPACES)):
        named_space("sarsa")


def test_replay_ratio_is_gradient_steps_per_environment_step() -> None:
    assert replay_ratio({"gradient_steps": 32, "train_freq": 1}, 1024) == pytest.approx(0.03125)
    assert replay_ratio({"gradient_steps": 320, "train_freq": 10}, 1024) == pytest.approx(0.03125)


def test_hyperparameters_lead_back_to_the_values_they_came_from() -> None:
    rng = np.random.default_rng(0)
    space = named_space("sac")
    for _ in range(50):
        values = {
            name: float(rng.integers(d.low, d.high + 1)) if d.kind == "int" else float(rng.uniform(d.low, d.high))
            for name, d in space.dimensions.items()
        }
        assert values_of(space, space.hyperparameters(values)) == values


def test_the_tuned_agent_is_a_point_of_the_space_it_was_found_in() -> None:
    values = values_of(named_space("sac"), baseline("tuned-a1"))
    assert values is not None
    assert (values["gradient_steps_pow"], values["batch_size_pow"], values["policy_delay_pow"]) == (5, 9, 3)


@pytest.mark.parametrize("name", [name for name in BASELINES if name != "tuned-a1"])
def test_other_baselines_are_no_points_of_it(name: str) -> None:
    assert values_of(named_space("sac"), baseline(name)) is None


def test_choices_and_steps_become_what_they_stand_for_and_lead_back() -> None:
    space = SearchSpace.model_validate(
        {
            "name": "mine",
            "dimensions": {
                "policy_kwargs.n_critics": {"kind": "int", "low": 2, "high": 3},
                "noise": {"choices": [None, 0.1, [1, 2]], "hyperparameter": "policy_kwargs.extra"},
                "gamma": {"kind": "float", "low": 0.9, "high": 0.99, "step": 0.03},
                "buffer_size": {"kind": "int", "low": 1000, "high": 5000, "step": 2000},
            },
            "fixed": {"policy_kwargs": {"layer_norm": True}},
        }
    )
    values = {"policy_kwargs.n_critics": 3, "noise": 2, "gamma": 0.93, "buffer_size": 3000}
    hyperparameters = space.hyperparameters(values)
    assert hyperparameters == {
        "policy_kwargs": {"layer_norm": True, "n_critics": 3, "extra": [1, 2]},
        "gamma": 0.93,
        "buffer_size": 3000,
    }
    assert values_of(space, hyperparameters) == values
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    sampled = [space.hyperparameters(space.sample(study.ask())) for _ in range(60)]
    assert {s["buffer_size"] for s in sampled} == {1000, 3000, 5000}
    assert {round(s["gamma"], 2) for s in sampled} == {0.9, 0.93, 0.96, 0.99}
    assert [e["policy_kwargs"]["extra"] for e in space.examples()] == [None, [1, 2], 0.1]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"choices": ["one"]}, "two at least"),
        ({"choices": ["one", "two"], "high": 5}, "have the places 0 .. 1"),
        ({"choices": ["one", "two"], "log": True}, "stand for themselves"),
        ({"choices": ["one", "two"], "transform": "power-of-two"}, "not transformed"),
        ({"kind": "float", "low": 0, "high": 1, "step": 0.3}, "steps of 0.3 do not lead from 0 to 1"),
        ({"kind": "float", "low": 1, "high": 2, "step": 0.5, "log": True}, "a log dimension has no step"),
        ({"kind": "int", "low": 1, "high": 2, "step": 0.5}, "whole numbers"),
        ({"kind": "int", "low": 1, "high": 2, "step": -1}, "greater than 0"),
    ],
)
def test_impossible_choices_and_steps_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Dimension.model_validate({"hyperparameter": "x", **fields})


@pytest.mark.parametrize("name", SPACES)
def test_every_dimension_of_every_space_is_one_that_cmaes_models(name: str) -> None:
    space = named_space(name)
    assert len(UnitCube.of(space.distributions()).dimensions) == len(space.dimensions)
    for hyperparameters in space.examples():
        assert replay_ratio(hyperparameters, 1024) > 0
        assert values_of(space, hyperparameters) is not None


def test_rough_ground_searches_what_the_recipe_left_open() -> None:
    rough = named_space("sac-rough")
    added = rough.dimensions.keys() - named_space("sac").dimensions.keys()
    assert added == {"n_steps", "noise_hold_pow", "learning_rate_linear"}
    high = rough.hyperparameters({name: d.high for name, d in rough.dimensions.items()})
    assert (high["n_steps"], high["use_sde"], high["sde_sample_freq"], high["train_freq"]) == (5, True, 16, 16)
    assert high["learning_rate_schedule"] == "linear"


def test_the_period_of_gsde_is_sampled_only_where_there_is_gsde() -> None:
    dimension = named_space("sac-rough").dimensions["noise_hold_pow"]
    assert [dimension.becomes(power) for power in range(3)] == [
        {"use_sde": False},
        {"use_sde": True, "sde_sample_freq": 2},
        {"use_sde": True, "sde_sample_freq": 4},
    ]
    # Held for the whole rollout, however long, is no power of two; nothing said is not the same as no gSDE.
    assert dimension.value_of({"use_sde": True, "sde_sample_freq": -1}) is None
    assert dimension.value_of({}) is None
    with pytest.raises(ValidationError, match="held for one step"):
        Dimension(kind="int", low=-1, high=2, hyperparameter="sde_sample_freq", transform="held-noise")


def test_the_rough_baseline_is_a_point_of_the_rough_space() -> None:
    space, rough = named_space("sac-rough"), baseline("rough")
    values = values_of(space, rough)
    assert values is not None
    assert space.hyperparameters(values) == rough
    assert (values["train_freq_pow"], values["gradient_steps_pow"], values["n_steps"]) == (3, 8, 3)
    # The replay ratio of the published train_freq 10 and gradient_steps 320.
    assert replay_ratio(rough, 1024) == replay_ratio({"gradient_steps": 320, "train_freq": 10}, 1024)


def test_the_replay_ratio_of_ppo_is_minibatches_per_environment_step() -> None:
    assert replay_ratio({"n_epochs": 5, "n_steps": 24, "n_minibatches": 4}, 1024) == pytest.approx(20 / (24 * 1024))
    assert replay_ratio({"n_epochs": 10, "n_steps": 64, "batch_size": 32}, 1) == pytest.approx(20 / 64)


def test_an_optional_dimension_is_only_for_algorithms_that_have_it() -> None:
    assert optional_dimension("n_critics", ("sac",)).becomes(3) == {"policy_kwargs": {"n_critics": 3}}
    with pytest.raises(ValueError, match="tqc has no n_critics"):
        optional_dimension("n_critics", ("tqc",))
    with pytest.raises(ValueError, match="no optional dimension 'depth'; there are n_critics"):
        optional_dimension("depth", ("sac",))
