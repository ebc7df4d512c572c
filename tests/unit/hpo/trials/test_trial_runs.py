"""What a trial trained with."""

from typing import Any

import optuna

from hpo.reports.tuned_values import tuned_values
from hpo.studies.study import OpenStudy, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.trials.baselines import Baseline
from hpo.trials.search_baselines import waiting_baseline
from hpo.trials.trial_runs import TrialRuns, changes_of, config_of, hyperparameters_of, resolved_hyperparameters
from samplers import replay_ratio


def test_tables_show_what_special_values_came_to() -> None:
    fixed = {"search_space.fixed.gradient_steps": -1, "search_space.dimensions.gradient_steps_pow": None}
    config = load_study_config(builtin_studies()["quickstart"], {**fixed, "n_envs": 8})
    opened = OpenStudy(optuna.create_study(direction="maximize"), this_definition(config, "a CPU"))
    trial = opened.study.ask()
    config.search_space.sample(trial)
    opened.study.tell(trial, 1.0)
    (finished,) = opened.study.trials
    given, shown = hyperparameters_of(opened, finished), resolved_hyperparameters(opened, finished)
    assert given["gradient_steps"] == -1
    assert shown["gradient_steps"] == 8 * given["train_freq"]


def with_searched_settings(**fields: Any) -> OpenStudy:
    dimensions = {
        "n_envs_pow": {"low": 3, "high": 5},
        "bounds": {"kind": "float", "low": 0.1, "high": 0.5, "hyperparameter": "action_bounds.fraction"},
        "mass": {"choices": [1.0, 2.0], "hyperparameter": "env_kwargs.robot.mass"},
        "gradient_steps_pow": None,
    }
    space = {
        "name": "sac", "optional": ["n_envs_pow"], "dimensions": dimensions, "fixed": {"gradient_steps": -1}
    }  # fmt: skip
    own = {"n_envs": 8, "env_kwargs": {"g": 10.0, "robot.mass": 3.0}, "search_space": space, "baselines": []}
    config = load_study_config(builtin_studies()["quickstart"], {**own, **fields})
    return OpenStudy(optuna.create_study(direction="maximize"), this_definition(config, "a CPU"))


def test_searched_settings_change_the_definition_and_not_the_agent() -> None:
    opened = with_searched_settings()
    opened.study.enqueue_trial({"n_envs_pow": 4, "bounds": 0.25, "mass": 1})
    trial = opened.study.ask()
    spec = TrialRuns(opened, "cpu", ()).of(trial)
    assert spec.environment.n_envs == 16
    assert spec.environment.action_bounds is not None
    assert spec.environment.action_bounds.fraction == 0.25
    assert spec.environment.env_kwargs == {"g": 10.0, "robot.mass": 2.0}
    assert spec.hyperparameters["gradient_steps"] == 16 * spec.hyperparameters["train_freq"]
    assert replay_ratio(spec.hyperparameters, spec.environment.n_envs) == 1
    assert not {"n_envs", "action_bounds", "env_kwargs"} & spec.hyperparameters.keys()

    opened.study.tell(trial, 1.0)
    (finished,) = opened.study.trials
    assert config_of(opened, finished).environment("cpu", ()) == spec.environment
    assert resolved_hyperparameters(opened, finished) == spec.hyperparameters
    tuned = tuned_values(opened, finished)
    assert (tuned["n_envs"], tuned["action_bounds.fraction"], tuned["env_kwargs.robot.mass"]) == (16, 0.25, 2.0)


def test_a_setting_that_comes_out_as_the_definition_has_it_is_no_change() -> None:
    opened = with_searched_settings(action_bounds={"fraction": 0.25})
    opened.study.enqueue_trial({"n_envs_pow": 3, "bounds": 0.25, "mass": 0})
    trial = opened.study.ask()
    TrialRuns(opened, "cpu", ()).of(trial)
    opened.study.tell(trial, 1.0)
    assert changes_of(opened, opened.study.trials[0]) == {"env_kwargs": {"g": 10.0, "robot.mass": 1.0}}


def test_a_baseline_is_the_point_that_the_definitions_settings_make_of_it() -> None:
    opened = with_searched_settings(action_bounds={"fraction": 0.25}, env_kwargs={"robot.mass": 2.0})
    space = opened.config.search_space
    values = {name: dimension.low for name, dimension in space.dimensions.items()}
    sampled = space.hyperparameters({**values, "bounds": 0.25, "mass": 1})
    agent = {name: value for name, value in sampled.items() if name not in ("n_envs", "action_bounds", "env_kwargs")}
    waiting = waiting_baseline(opened, Baseline("known", agent))
    assert waiting.params == {**values, "bounds": 0.25, "mass": 1}
    # Nine environments are no power of two.
    other = with_searched_settings(action_bounds={"fraction": 0.25}, env_kwargs={"robot.mass": 2.0}, n_envs=9)
    assert waiting_baseline(other, Baseline("known", agent)).params == {}
