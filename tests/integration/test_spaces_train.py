"""Every search space trains at its extreme corners, with nothing compiled inside the budget."""

from typing import Any

import pytest

from objectives.run_spec import Algorithm, EnvironmentSpec, RunSpec
from objectives.training import train_run
from samplers import named_space

# The corners of `sac` itself: tests/integration/test_training_run.py.
SPACES: list[tuple[str, Algorithm]] = [
    ("sac-rough", "sac"), ("tqc", "tqc"), ("crossq", "crossq"), ("td3", "td3"), ("ppo", "ppo"), ("ppo", "sb3-ppo"),
]  # fmt: skip


@pytest.mark.parametrize("corner", ["low", "high"])
@pytest.mark.parametrize(("name", "algorithm"), SPACES)
def test_a_corner_of_the_space_trains(name: str, algorithm: Algorithm, corner: str) -> None:
    space = named_space(name)
    hyperparameters: dict[str, Any] = space.hyperparameters(
        {n: getattr(d, corner) for n, d in space.dimensions.items()}
    )
    if space.name != "ppo":  # this task has 4 environments, not 1024
        hyperparameters = {**hyperparameters, "buffer_size": 20_000, "learning_starts": 8}
    result = train_run(
        RunSpec(
            environment=EnvironmentSpec(backend="gymnasium", task="Pendulum-v1", n_envs=4),
            algorithm=algorithm,
            hyperparameters=hyperparameters,
            seed=1,
            eval_seed=2,
            budget_s=3,
            max_steps=10**7,
            n_eval_episodes=4,
        ),
        lambda _: None,
    )
    assert result.evaluation is not None
    assert result.total_gradient_steps > 0
    assert result.budget_compilations == 0
    assert result.training_s >= 3
