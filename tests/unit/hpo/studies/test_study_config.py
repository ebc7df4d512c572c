from pathlib import Path
from typing import Any

import pytest

from hpo.errors import UserError
from hpo.studies.study import Definition, differences, this_definition
from hpo.studies.study_config import SamplerConfig, StudyConfig, builtin_studies, load_study_config, override, validate
from samplers import SearchSpace

MINIMAL = {"task": "Pendulum-v1", "backend": "gymnasium", "search_space": "sac"}


def config(**fields: Any) -> StudyConfig:
    return validate(StudyConfig, {**MINIMAL, **fields}, "test")


def test_sac_speed_is_the_recipe_on_unitree_a1() -> None:
    sac_speed = load_study_config(builtin_studies()["sac-speed"], {})
    assert sac_speed.task == "IsaacContrib-Velocity-Flat-UnitreeA1"
    assert (sac_speed.backend, sac_speed.physics) == ("isaaclab", "newton_mjwarp")
    assert (sac_speed.budget, sac_speed.max_steps, sac_speed.n_envs) == (300, 50_000_000, 1024)
    assert (sac_speed.n_eval_episodes, sac_speed.n_trials, sac_speed.normalize) == (512, 100, True)
    assert sac_speed.sampler.name == "cmaes"
    assert sac_speed.sampler.model_extra == {"population_size": 10}
    assert sac_speed.action_bounds is not None
    assert sac_speed.action_bounds.joints is not None
    assert len(sac_speed.action_bounds.joints) == 12


@pytest.mark.parametrize("name", builtin_studies())
def test_every_builtin_definition_survives_the_study_it_is_stored_in(name: str) -> None:
    definition = this_definition(load_study_config(builtin_studies()[name], {}), "CPU")
    assert Definition.model_validate(definition.model_dump(mode="json")) == definition


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"bugdet": "5m"}, "bugdet is not a field; did you mean budget? there are backend, task, "),
        (
            {"search_space": {"name": "sac", "dimensions": {"gama": {"low": 0.9}}}},
            "no dimension gama; did you mean gamma?",
        ),
        (
            {"search_space": {"name": "sac", "dimensions": {"tau": {"lo": 0.9}}}},
            "tau.lo is not a field; did you mean low?",
        ),
        ({"n_envs": "many"}, "n_envs"),
        ({"n_envs": 0}, "n_envs"),
        ({"n_envs": 1.5}, "n_envs"),
        ({"budget": "5 parsecs"}, "budget"),
        ({"budget": -3}, "budget"),
        ({"backend": "mujoco"}, "backend"),
        ({"algorithm": "dreamer"}, "algorithm"),
        ({"search_space": "nope"}, "search_space: no search space 'nope'"),
        ({"search_space": {"name": "sac", "dimensions": {"tau": {"low": 1}}}}, "search_space.dimensions.tau"),
        ({"search_space": "tqc", "algorithm": "sac"}, "search space tqc is made for tqc, and algorithm is sac"),
        ({"search_space": {"name": "tqc", "optional": ["n_critics"]}}, "tqc has no n_critics"),
        ({"search_space": {"name": "sac", "optional": ["depth"]}}, "no optional dimension 'depth'"),
        ({"search_space": {"name": "sac", "dimensions": {"x": {"choices": [1]}}}}, "search_space.dimensions.x"),
        ({"search_space": {"name": "sac", "dimensions": {"n_envs": {"choices": [0, 8]}}}}, "search_space: n_envs: "),
        (
            {
                "search_space": {"name": "sac", "dimensions": {"action_bounds.fraction": {"choices": [0.1, 0.3]}}},
                "action_bounds": {"low": -1, "high": 1},
            },
            "search_space: action_bounds: give either `joints`, or `low` and `high`, or `fraction`",
        ),
        ({"search_space": "os:system:x"}, "search_space.function"),
        ({"search_space": 5}, "search_space"),
        ({"sampler": "nope"}, "sampler: no sampler 'nope'"),
        ({"sampler": {"name": "cmaes", "nope": 1}}, "sampler: sampler cmaes has no option 'nope'"),
        ({"sampler": {"name": "cmaes", "seed": 1}}, "sampler: a sampler has no seed here"),
        ({"pruner": "nope"}, "pruner"),
        ({"action_bounds": {"low": 1, "high": -1}}, "action_bounds"),
        ({"action_bounds": {"low": [0, 0], "high": [1, -1]}}, "dimension 1"),
        ({"action_bounds": {"low": [0, 0], "high": [1, 1, 1]}}, "2 values and `high` has 3"),
        ({"action_bounds": {"low": 1}}, "action_bounds"),
        ({"action_bounds": {}}, "give either `joints`, or `low` and `high`, or `fraction`"),
        ({"action_bounds": {"joints": {"hip": [-1, 1]}, "fraction": 0.5}}, "give either `joints`"),
        ({"action_bounds": {"joints": {"hip": [-1, 1]}, "low": -1, "high": 1}}, "give either `joints`"),
        ({"action_bounds": {"joints": {}}}, "`joints` names none"),
        ({"action_bounds": {"joints": {"hip": [1, -1]}}}, "hip: low 1 is not below high -1"),
        ({"action_bounds": {"joints": {"hip": [1]}}}, "action_bounds.joints.hip"),
        ({"action_bounds": {"joints": {"hip(": [-1, 1]}}}, "hip( is no regular expression"),
        ({"action_bounds": {"fraction": 2}}, "action_bounds.fraction"),
        ({"action_bounds": {"fraction": 0.5, "low": -1, "high": 1}}, "action_bounds"),
        ({"eval_seed": 2**31}, "eval_seed"),
        ({"task": ""}, "task"),
    ],
)
def test_bad_fields_are_refused_by_name_in_one_line(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(UserError) as caught:
        config(**fields)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(UserError, match="task is missing"):
        validate(StudyConfig, {"search_space": "sac"}, "test")


def test_a_built_in_space_can_be_changed_in_parts() -> None:
    space = config(
        search_space={"name": "sac", "dimensions": {"gradient_steps_pow": {"high": 5}}, "fixed": {"buffer_size": 1000}}
    ).search_space
    assert (space.dimensions["gradient_steps_pow"].low, space.dimensions["gradient_steps_pow"].high) == (0, 5)
    assert space.dimensions["tau"].high == 5e-2
    assert space.fixed["buffer_size"] == 1000
    assert space.fixed["learning_starts"] == 2000


def test_dimensions_can_be_added_and_left_out_and_the_stored_space_stays_what_it_is() -> None:
    changed = config(
        search_space={
            "name": "sac",
            "optional": ["n_critics", "ent_coef_learned"],
            "dimensions": {"tau": None, "gamma": {"low": 0.9}, "learning_starts": {"choices": [100, 2000]}},
            "fixed": {"tau": 0.01},
        }
    )
    space = changed.search_space
    assert isinstance(space, SearchSpace)
    assert "tau" not in space.dimensions
    assert space.dimensions["gamma"].low == 0.9
    assert space.dimensions["n_critics"].hyperparameter == "policy_kwargs.n_critics"
    assert {example["learning_starts"] for example in space.examples()} == {100, 2000}
    assert all(example["tau"] == 0.01 for example in space.examples())
    assert validate(StudyConfig, changed.model_dump(mode="json"), "stored") == changed


def test_the_algorithm_is_that_of_the_space_unless_given() -> None:
    assert config(search_space="tqc").algorithm == "tqc"
    assert config(search_space={"name": "ppo"}, algorithm="sb3-ppo").algorithm == "sb3-ppo"
    assert config(search_space="my_module:sample_params").algorithm == "sac"


def test_overrides_reach_nested_fields() -> None:
    fields = override({"sampler": "cmaes", "n_envs": 3}, {"sampler.population_size": 20, "n_envs": 4})
    assert fields == {"sampler": {"name": "cmaes", "population_size": 20}, "n_envs": 4}


def test_an_override_of_the_sampler_alone_is_of_the_default_one() -> None:
    fields = override(MINIMAL, {"sampler.population_size": 20})
    assert config(**fields).sampler == SamplerConfig(name=config().sampler.name, population_size=20)


def test_what_follows_env_kwargs_is_one_name_on_isaac_lab() -> None:
    fields = override(
        {"env_kwargs": {"size": 3}}, {"env_kwargs.rewards.feet_air_time.weight": 0.5, "env_kwargs.size": 4}
    )
    assert fields == {"env_kwargs": {"size": 4, "rewards.feet_air_time.weight": 0.5}}
    on_gymnasium = override({}, {"env_kwargs.config.lanes": 3, "backend": "gymnasium"})
    assert on_gymnasium == {"env_kwargs": {"config": {"lanes": 3}}, "backend": "gymnasium"}


def test_two_limits_of_episodes_are_refused_in_a_new_study_and_one_that_has_both_is_read() -> None:
    both = {"max_episode_steps": 1000, "env_kwargs.episode_length_s": 3.0}
    with pytest.raises(UserError, match=r"max_episode_steps and env_kwargs\.episode_length_s both limit"):
        load_study_config(builtin_studies()["sac-speed"], both)
    # On Gymnasium it is an argument as any other.
    assert load_study_config(builtin_studies()["quickstart"], both).max_episode_steps == 1000
    assert config(max_episode_steps=5, env_kwargs={"episode_length_s": 3.0}).max_episode_steps == 5


def test_differences_name_the_field_and_both_values() -> None:
    one = this_definition(config(), "GPU A").model_dump(mode="json")
    other = this_definition(
        config(n_envs=8, search_space={"name": "sac", "dimensions": {"tau": {"high": 0.1}}}), "GPU B"
    )
    lines = differences(one, other.model_dump(mode="json"))
    assert "n_envs: the study has 1024, asked for 8" in lines
    assert "search_space.dimensions.tau.high: the study has 0.05, asked for 0.1" in lines
    assert "hardware: the study has 'GPU A', asked for 'GPU B'" in lines
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("content", "message"), [("a: [", "not valid YAML"), ("- 1", "must hold a mapping"), (None, "cannot read")]
)
def test_a_file_that_is_no_definition_is_refused_in_one_line(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "mine.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=message) as caught:
        load_study_config(path, {})
    assert "\n" not in str(caught.value)
