"""Every baseline really trains, with nothing compiled inside the budget."""

import pytest

from objectives.run_spec import EnvironmentSpec, RunSpec
from objectives.training import train_run
from samplers import BASELINES, baseline

LONG_ROLLOUTS = {"spinning-up": 800, "rough": 128}
"""Environment steps until they train; the others train after every step of the environments."""


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_trains(name: str) -> None:
    # As published, but from the first rollouts on: Pendulum has 8 environments here, not 1024.
    hyperparameters = {**baseline(name), "learning_starts": 64}
    hyperparameters["buffer_size"] = 10_000
    spec = RunSpec(
        environment=EnvironmentSpec(backend="gymnasium", task="Pendulum-v1", n_envs=8),
        hyperparameters=hyperparameters,
        seed=1,
        eval_seed=2,
        budget_s=300,
        max_steps=LONG_ROLLOUTS.get(name, 96),
        n_eval_episodes=8,
    )
    result = train_run(spec, lambda _: None)
    assert result.total_gradient_steps > 0
    assert result.diverged is None
    assert result.budget_compilations == 0
