"""What a comparison runs."""

from typing import Any

import optuna
import pytest
from optuna.trial import FrozenTrial

from hpo.errors import UserError
from hpo.replays.comparison import compared, enqueue_comparison
from hpo.replays.standing import standing
from hpo.studies.study import OpenStudy, this_definition
from hpo.studies.study_config import StudyConfig, builtin_studies, load_study_config
from hpo.trials.planned_run import planned_run
from hpo.trials.trial_runs import TrialRuns


def config(**fields: Any) -> StudyConfig:
    dimensions = {
        "policy_delay": {"choices": [1, 4]},
        "n_envs": {"kind": "int", "low": 8, "high": 16, "step": 8},
    }
    space = {"name": "two by two", "dimensions": dimensions, "fixed": {"learning_starts": 100}}
    return load_study_config(builtin_studies()["layer-norm"], {"search_space": space, "n_trials": 6, **fields})


def test_every_point_is_a_candidate_by_what_it_determines() -> None:
    candidates = {name: candidate for name, (candidate, _) in compared(config()).items()}
    assert list(candidates) == [
        "policy_delay 1, n_envs 8", "policy_delay 1, n_envs 16",
        "policy_delay 4, n_envs 8", "policy_delay 4, n_envs 16",
    ]  # fmt: skip
    last = candidates["policy_delay 4, n_envs 16"]
    assert last.hyperparameters == {"learning_starts": 100, "policy_delay": 4}
    assert last.changes == {"n_envs": 16}
    assert candidates["policy_delay 4, n_envs 8"].changes == {}


def opened_comparison(**fields: Any) -> OpenStudy:
    study = optuna.create_study(study_name="compared", direction="maximize")
    return OpenStudy(study, this_definition(config(**fields), "a CPU"))


def seeds_of(trials: list[FrozenTrial]) -> dict[str, list[int | None]]:
    seeds: dict[str, list[int | None]] = {}
    for trial in trials:
        run = planned_run(trial)
        assert run is not None
        seeds.setdefault(run.candidate, []).append(run.seed)
    return seeds


def test_all_candidates_have_the_first_seed_before_one_has_the_second() -> None:
    opened = opened_comparison()
    for _ in range(2):  # a second worker enqueues nothing
        enqueue_comparison(opened)
    trials = opened.study.trials
    assert len(trials) == 6
    seeds = seeds_of(trials)
    assert [len(of_one) for of_one in seeds.values()] == [2, 2, 1, 1]
    assert len({of_one[0] for of_one in seeds.values()}) == 1
    assert len({of_one[1] for of_one in seeds.values() if len(of_one) > 1}) == 1
    # The dashboard draws what was sampled.
    assert trials[3].params == {"policy_delay": 1, "n_envs": 16}
    spec = TrialRuns(opened, "cpu", ()).of(opened.study.ask())
    assert (spec.hyperparameters["policy_delay"], spec.environment.n_envs) == (1, 8)
    assert spec.seed == seeds["policy_delay 1, n_envs 8"][0]


def test_more_trials_are_more_seeds_of_the_same_list() -> None:
    opened = opened_comparison()
    enqueue_comparison(opened)
    first = seeds_of(opened.study.trials)
    opened.study.set_user_attr("n_trials", 8)
    enqueue_comparison(opened)
    later = seeds_of(opened.study.trials)
    assert [len(of_one) for of_one in later.values()] == [2, 2, 2, 2]
    assert all(later[name][: len(of_one)] == of_one for name, of_one in first.items())


def test_a_search_has_no_such_runs() -> None:
    opened = opened_comparison(sampler="random")
    enqueue_comparison(opened)
    assert opened.study.trials == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"n_trials": 3}, "n_trials: the grid has 4 points, and n_trials is 3"),
        ({"search_space": "sac"}, "sampler: gamma is continuous: a grid needs choices, or kind int"),
        ({"search_space": "my_module:sample"}, "sampler: grid needs dimensions that are known beforehand"),
    ],
)
def test_what_is_no_grid_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        config(**fields)


def test_a_comparison_without_a_result_ranks_nobody() -> None:
    opened = opened_comparison()
    enqueue_comparison(opened)
    assert standing(opened.study._storage, opened, "iqm").ranking.rows == ()


@pytest.mark.parametrize(
    ("overshoot_s", "reached_s", "comparable"),
    [(0.0, None, True), (0.02, None, False), (None, None, False), (0.0, 12.0, False)],
)
def test_shared_hardware_matters_where_time_ends_a_run(
    overshoot_s: float | None, reached_s: float | None, comparable: bool
) -> None:
    """0 is the run that its steps ended, unless it reached a return; of old studies it is not known."""
    opened = opened_comparison()
    enqueue_comparison(opened)
    trial = opened.study.ask()
    record = {
        "hardware": "a CPU", "hardware_shared": True, "num_timesteps": 3200, "steps_per_s": 100.0, "diverged": False,
        "gradient_steps_per_s": 100.0, "startup_s": 1.0, "warmup_s": 1.0, "training_s": 32.0, "evaluation_s": 1.0,
        "learning_curve": [], "overshoot_s": overshoot_s, "reached_s": reached_s,
    }  # fmt: skip
    for name, value in record.items():
        if value is not None:
            trial.set_user_attr(name, value)
    opened.study.tell(trial, -3.0)
    (row,) = standing(opened.study._storage, opened, "iqm").ranking.rows
    assert row.comparable is comparable
