"""What a trial trained with."""

import optuna

from hpo.studies.study import OpenStudy, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.trials.trial_runs import hyperparameters_of, resolved_hyperparameters


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
