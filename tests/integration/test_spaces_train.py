"""Every search space trains at its extreme corners, with nothing compiled inside the budget."""

import pytest

from objectives.run_spec import Algorithm, EnvironmentSpec, RunSpec
from objectives.training import train_run
from samplers import named_space
from tests.corners import corners

# The corners of `sac` itself: tests/integration/test_training_run.py.
SPACES: list[tuple[str, Algorithm]] = [
    ("sac-rough", "sac"), ("tqc", "tqc"), ("crossq", "crossq"), ("td3", "td3"), ("ppo", "ppo"), ("ppo", "sb3-ppo"),
]  # fmt: skip
CASES = [(name, algorithm, corner) for name, algorithm in SPACES for corner in corners(named_space(name))]


@pytest.mark.parametrize(("name", "algorithm", "corner"), CASES)
def test_a_corner_of_the_space_trains(name: str, algorithm: Algorithm, corner: str) -> None:
    space = named_space(name)
    # Of the recipes, made for 1024 environments: here there are 4.
    smaller = {} if name == "ppo" else {"buffer_size": 20_000, "learning_starts": 8}
    result = train_run(
        RunSpec(
            environment=EnvironmentSpec(backend="gymnasium", task="Pendulum-v1", n_envs=4),
            algorithm=algorithm,
            hyperparameters={**space.hyperparameters(corners(space)[corner]), **smaller},
            seed=1,
            eval_seed=2,
            budget_s=0.5,
            max_steps=10**7,
            n_eval_episodes=4,
        ),
        lambda _: None,
    )
    assert result.evaluation is not None
    assert result.total_gradient_steps > 0
    assert result.budget_compilations == 0
    assert result.training_s >= 0.5
