"""What a baseline changes of the study that it stands beside."""

from pathlib import Path
from typing import Any

import pytest

from hpo.errors import UserError
from hpo.runs.runner_messages import PpoKnown
from hpo.studies.study_config import StudyConfig
from hpo.trials.baselines import Baselines, described
from objectives.run_spec import PpoAlgorithm


def beside(ppo_normalizes: bool = True, **fields: Any) -> Baselines:
    config = StudyConfig.model_validate({"task": "T", "search_space": "sac", **fields})

    def ask(algorithm: PpoAlgorithm) -> PpoKnown:
        return PpoKnown(
            hyperparameters={"n_steps": 24}, normalize=ppo_normalizes, source=f"settings of {algorithm}", notes=("so",)
        )

    return Baselines(config, ask)


def test_sacs_baseline_changes_nothing_of_a_study_of_sac() -> None:
    baseline = beside().get("tuned-a1")
    assert (baseline.key, baseline.changes, described(baseline)) == ("baseline:tuned-a1", {}, "baseline tuned-a1")


def test_sacs_baseline_trains_sac_in_a_study_of_something_else() -> None:
    bounds = {"low": -1.0, "high": 1.0}
    for space in ("tqc", "ppo"):
        known = beside(search_space=space, action_bounds=bounds)
        assert known.get("tuned-a1").changes == {"algorithm": "sac"}


def test_the_tuned_values_are_there_for_tqc_too() -> None:
    tqc = beside().get("tuned-a1-tqc")
    assert tqc.changes == {"algorithm": "tqc"}
    assert {**beside().get("tuned-a1").hyperparameters, "top_quantiles_to_drop_per_net": 2} == tqc.hyperparameters
    assert beside(search_space="tqc").get("tuned-a1-tqc").changes == {}


def test_the_quick_fix_acts_within_3_percent_where_a_study_has_bounds_for_each_joint() -> None:
    baseline = beside(action_bounds={"joints": {".*_joint": [-2.0, 1.1]}}).get("quick-fix")
    assert baseline.changes == {"action_bounds": {"low": -3.0, "high": 3.0}}
    assert described(baseline) == "baseline quick-fix: acts within -3 .. 3"
    assert beside(action_bounds={"low": -1.0, "high": 1.0}).get("quick-fix").changes == {}
    assert beside().get("quick-fix").changes == {}


def test_ppo_stands_beside_sac_on_the_tasks_own_action_space() -> None:
    baseline = beside(action_bounds={"low": -1.0, "high": 1.0}).get("ppo")
    assert baseline.hyperparameters == {"n_steps": 24}
    assert baseline.changes == {"algorithm": "ppo", "action_bounds": None}
    assert described(baseline) == "baseline ppo: trains ppo; settings of ppo; so; acts without the study's bounds"


def test_the_default_is_that_of_the_studys_algorithm() -> None:
    assert beside(search_space="crossq").get("default").hyperparameters["policy_delay"] == 3
    assert beside().get("default").changes == {}


def test_ppo_sees_what_its_settings_say() -> None:
    assert beside(ppo_normalizes=False).get("sb3-ppo").changes == {"algorithm": "sb3-ppo", "normalize": False}
    assert beside(ppo_normalizes=False, normalize=False, search_space="ppo").get("ppo").changes == {}


def test_a_file_trains_what_it_says_or_what_its_name_says(tmp_path: Path) -> None:
    ours = tmp_path / "mine.yaml"
    ours.write_text("task: T\nalgorithm: tqc\nhyperparameters: {gamma: 0.9}\n")
    assert beside().get(str(ours)).changes == {"algorithm": "tqc"}
    zoos = tmp_path / "ppo.yml"
    zoos.write_text("T:\n  n_steps: 32\n  n_epochs: 3\n")
    assert beside().get(str(zoos)).changes == {"algorithm": "ppo"}
    assert beside(search_space="ppo", algorithm="sb3-ppo").get(str(zoos)).changes == {}
    silent = tmp_path / "best.yml"
    silent.write_text("gamma: 0.9\n")
    assert beside().get(str(silent)).changes == {}


def test_a_file_for_an_algorithm_that_there_is_not_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("task: T\nalgorithm: dreamer\nhyperparameters: {gamma: 0.9}\n")
    with pytest.raises(UserError, match=r"mine.yaml: no algorithm 'dreamer'"):
        beside().get(str(path))


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"--include pp: .*did you mean ppo"):
        beside().get("pp", "--include")
