"""What a policy did over training, in the task's units, and what it cost the budget: nothing."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from objectives.actions_picture import actions_over_training
from objectives.run_result import QUANTILES, ActionsOverTraining
from objectives.run_spec import ActionBounds, EnvironmentSpec, RunSpec
from objectives.training import train_run

pytestmark = pytest.mark.usefixtures("fetched_programs")

OFF_POLICY = {"learning_starts": 8, "buffer_size": 1000, "batch_size": 16, "policy_kwargs": {"net_arch": [16, 16]}}
ON_POLICY = {"n_steps": 16, "batch_size": 64, "n_epochs": 1, "policy_kwargs": {"ortho_init": True}}
N_ENVS = 64


def recorded(algorithm: str, hyperparameters: dict[str, Any], **bounds: float) -> ActionsOverTraining:
    spec = RunSpec(
        environment=EnvironmentSpec(
            backend="gymnasium", task="Pendulum-v1", n_envs=N_ENVS, action_bounds=ActionBounds(**bounds),
        ),
        algorithm=algorithm, hyperparameters=hyperparameters, seed=1, eval_seed=2, budget_s=600,
        max_steps=N_ENVS * 32, n_eval_episodes=4, report_every_s=1,
    )  # fmt: skip
    result = train_run(spec, lambda _: None)
    assert result.budget_compilations == 0
    assert result.actions_over_training is not None
    return result.actions_over_training


@pytest.mark.parametrize("algorithm", ["sac", "td3"])
def test_a_policy_that_squashes_stays_within_its_bounds(algorithm: str) -> None:
    actions = recorded(algorithm, OFF_POLICY, low=-1.0, high=0.5)
    assert (actions.low, actions.high) == ((-1.0,), (0.5,))
    assert actions.start is not None
    assert actions.middle is not None
    assert actions.end is not None
    assert actions.start.elapsed_s == 0 < actions.middle.elapsed_s < actions.end.elapsed_s
    for at in (actions.start, actions.middle, actions.end):
        (quantiles,) = at.quantiles
        assert -1 <= quantiles[0] <= quantiles[2] <= quantiles[4] <= 0.5
    # A policy that has not learned lies around the middle of its bounds, which is not 0.
    assert actions.start.quantiles[0][2] == pytest.approx(-0.25, abs=0.3)
    assert actions.start.quantiles != actions.end.quantiles


@pytest.mark.parametrize("algorithm", ["ppo", "sb3-ppo"])
def test_ppo_begins_with_a_standard_deviation_of_one_whatever_the_bounds(algorithm: str) -> None:
    actions = recorded(algorithm, ON_POLICY, low=-100.0, high=100.0)
    assert actions.start is not None
    (quantiles,) = actions.start.quantiles
    # 64 draws: the standard error of the median is 0.16, of the outer quantiles 0.33.
    assert quantiles == pytest.approx(stats.norm.ppf(QUANTILES), abs=1.1)
    assert actions.end is not None


def test_a_run_that_ended_early_is_drawn_as_far_as_it_came() -> None:
    whole = recorded("sac", OFF_POLICY, low=-1.0, high=0.5)
    cut = whole.model_copy(update={"end": None})
    nothing = whole.model_copy(update={"start": None, "middle": None, "end": None})
    actions_over_training({"nothing": nothing}, ["torque"], "a run that diverged at once")
    figure = actions_over_training({"whole": whole, "cut": cut}, ["torque"], "two runs")
    (panel,) = [axes for axes in figure.axes if axes.axison]
    assert panel.get_title() == "torque"
    assert [label.get_text() for label in panel.get_xticklabels()] == ["s", "m", "e", "s", "m"]
    bounds = [line.get_segments()[0][0][1] for line in panel.collections]
    assert np.unique(bounds).tolist() == [-1.0, 0.5]
