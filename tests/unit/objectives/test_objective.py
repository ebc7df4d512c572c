import pytest

from objectives.objective import TimeToReturn, parse_objective
from objectives.run_result import CurvePoint, Evaluation, RunResult


def result(mean_return: float, reached_s: float | None = None, level: float | None = None) -> RunResult:
    return RunResult(
        evaluation=Evaluation(
            mean_return=mean_return, std_return=0, iqm_return=0, n_episodes=1, mean_episode_length=1, timeout_rate=0,
            success_rate=None,
        ),
        diverged=None, num_timesteps=1, total_gradient_steps=1, steps_per_s=1, gradient_steps_per_s=1, startup_s=0,
        warmup_s=0, training_s=1, overshoot_s=0, evaluation_s=0, warmup_compilations=0, budget_compilations=0,
        device="cpu", curriculum_level=level, reached_s=reached_s, learning_curve=(),
    )  # fmt: skip


def test_the_return_and_the_curriculum_level_are_maximized_as_they_are() -> None:
    assert parse_objective("return").value(result(12.5), 300) == 12.5
    assert parse_objective("curriculum-level").value(result(12.5, level=3.2), 300) == 3.2


def test_whoever_got_there_ranks_before_whoever_did_not_and_those_by_return() -> None:
    objective = parse_objective("time-to-return:15")
    runs = [result(16, 40), result(99, 120.5), result(20, 299), result(15.5), result(14.9), result(3), result(-100)]
    values = [objective.value(run, 300) for run in runs]
    assert values == [-40, -120.5, -299, -300, pytest.approx(-300.1), -312, -415]
    assert values == sorted(values, reverse=True)


def test_what_a_pruner_and_a_floor_see_of_a_curve() -> None:
    curve = [
        CurvePoint(elapsed_s=1, num_timesteps=1, mean_return=None, curriculum_level=2.0),
        CurvePoint(elapsed_s=2, num_timesteps=2, mean_return=-7.0, curriculum_level=1.5),
    ]
    seen = {text: parse_objective(text).seen(curve, 10) for text in ("return", "curriculum-level", "time-to-return:3")}
    assert seen == {"return": [-7.0], "curriculum-level": [2.0, 1.5], "time-to-return:3": [-20.0]}


def test_a_floor_without_evidence_is_behind_a_run_that_took_the_whole_of_a_long_budget() -> None:
    objective = parse_objective("time-to-return:15")
    assert (
        objective.floor_without_evidence(3600)
        < objective.value(result(14), 3600)
        < objective.value(result(0, 3599), 3600)
    )


@pytest.mark.parametrize(
    "text", ["", "returns", "return:3", "curriculum-level:1", "time-to-return", "time-to-return:", "time-to-return:inf"]
)
def test_other_objectives_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="there are return, curriculum-level and time-to-return:R"):
        parse_objective(text)


def test_labels_name_the_target() -> None:
    assert TimeToReturn(15.0).label == "-seconds to 15"


@pytest.mark.parametrize("text", ["return", "curriculum-level", "time-to-return:15", "time-to-return:-0.125"])
def test_an_objective_is_stored_as_it_is_written(text: str) -> None:
    assert str(parse_objective(text)) == text
