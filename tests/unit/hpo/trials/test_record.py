"""A trial's record: what is written is what is read."""

import pytest
from pydantic import ValidationError

from hpo.trials.record import FinishedRecord, TrialRecord
from objectives.run_result import CurvePoint, Evaluation, EvaluationPoint, RunResult, TerrainCell, VelocityTracking

EVALUATION = Evaluation(
    mean_return=1.5, std_return=0.5, iqm_return=1.4, n_episodes=8, mean_episode_length=90.5, timeout_rate=0.75,
    n_unfinished=1, success_rate=0.5,
    velocity=VelocityTracking(commanded_speed=0.8, reached_speed=0.5, error_vel_xy=0.4, error_vel_yaw=0.1),
    terrain=(TerrainCell(terrain="stairs", level=3, n_episodes=2, mean_return=1.0, timeout_rate=0.5),),
)  # fmt: skip
RESULT = RunResult(
    evaluation=EVALUATION, diverged=None, num_timesteps=1000, total_gradient_steps=500, steps_per_s=100.5,
    gradient_steps_per_s=50.25, startup_s=1.0, warmup_s=2.0, training_s=9.95, overshoot_s=0.01, evaluation_s=3.0,
    warmup_compilations=4, budget_compilations=0, device="cpu", curriculum_level=2.5, observation_parts={"pos": 3},
    action_names=("hip", "knee"), reached_s=7.0,
    learning_curve=(
        CurvePoint(elapsed_s=1.004, num_timesteps=100, mean_return=None, curriculum_level=0.12345),
        CurvePoint(elapsed_s=2.0, num_timesteps=200, mean_return=0.5, curriculum_level=1.0),
    ),
    evaluations=(EvaluationPoint(elapsed_s=5.0, num_timesteps=500, mean_return=1.0, n_episodes=4),),
)  # fmt: skip
KEPT_IN_ANOTHER_FORM = {"evaluation", "learning_curve", "evaluations", "diverged"}


def test_every_field_of_a_result_is_stored_under_its_name_and_read_again() -> None:
    stored = TrialRecord.of_result(RESULT).attributes()
    for part in (RESULT.model_dump(mode="json", exclude=KEPT_IN_ANOTHER_FORM), EVALUATION.model_dump(mode="json")):
        assert {name: stored[name] for name in part} == part
    assert stored["diverged"] is False
    assert stored["learning_curve"] == [[1.0, 100, None, 0.123], [2.0, 200, 0.5, 1.0]]
    assert stored["evaluations"] == [[5.0, 500, 1.0]]
    read = FinishedRecord.model_validate({**stored, "hardware": "a GPU", "hardware_shared": False, "lr": 3e-4})
    assert read.attributes().items() >= stored.items()


def test_a_diverged_result_says_why() -> None:
    result = RESULT.model_copy(update={"evaluation": None, "diverged": "NaN", "simulator_fault": True})
    stored = TrialRecord.of_result(result).attributes()
    assert (stored["diverged"], stored["diverged_reason"], stored["simulator_fault"]) == (True, "NaN", True)
    assert "mean_return" not in stored


def test_a_result_with_a_field_that_a_record_has_not_is_refused() -> None:
    class Renamed(RunResult):
        environment_steps_per_s: float

    with pytest.raises(ValidationError, match="environment_steps_per_s"):
        TrialRecord.of_result(Renamed(**RESULT.model_dump(), environment_steps_per_s=1.0))
