"""Every corner of every search space, and every baseline, really trains, with nothing compiled inside the budget."""

from typing import Any, cast

import pytest

from objectives.agents.chunked_training import CHUNK
from objectives.run_result import RunResult
from objectives.run_spec import Algorithm, EnvironmentSpec, RunSpec
from objectives.training import train_run
from samplers import BASELINES, baseline, baseline_algorithm, named_space
from tests.corners import corners

pytestmark = pytest.mark.usefixtures("fetched_programs")

SPACES: list[tuple[str, Algorithm]] = [
    ("sac", "sac"), ("sac-rough", "sac"), ("tqc", "tqc"), ("crossq", "crossq"), ("td3", "td3"), ("ppo", "ppo"),
    ("ppo", "sb3-ppo"),
]  # fmt: skip
CASES = [(name, algorithm, corner) for name, algorithm in SPACES for corner in corners(named_space(name))]


@pytest.mark.parametrize(("name", "algorithm", "corner"), CASES)
def test_a_corner_of_a_space_trains(name: str, algorithm: Algorithm, corner: str) -> None:
    space = named_space(name)
    # Of the recipes, made for 1024 environments: here there are 4.
    smaller = {} if name == "ppo" else {"buffer_size": 20_000, "learning_starts": 8}
    hyperparameters = {**space.hyperparameters(corners(space)[corner]), **smaller}
    if name not in ("sac", "ppo"):
        # Those of `sac` are all done; more of them use the same programs.
        hyperparameters["gradient_steps"] = min(hyperparameters["gradient_steps"], 4 * CHUNK)
    rollout = hyperparameters["n_steps" if name == "ppo" else "train_freq"]
    result = train(hyperparameters, algorithm, n_envs=4, max_steps=max(12, 2 * rollout))
    assert result.evaluation is not None


@pytest.mark.takes(40)
def test_the_largest_of_everything_trains() -> None:
    space = named_space("sac")
    highest = space.hyperparameters({name: dimension.high for name, dimension in space.dimensions.items()})
    # One chunk of the updates, whose program is that of any number of them.
    few = {"buffer_size": 20_000, "learning_starts": 8, "gradient_steps": CHUNK}
    train({**highest, **few}, "sac", n_envs=4, max_steps=4 * highest["train_freq"])


LONG_ROLLOUTS = {"spinning-up": 800, "rough": 128}
"""Environment steps until they train; the others train after every step of the environments."""


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_trains(name: str) -> None:
    # As published, but from the first rollouts on: Pendulum has 8 environments here, not 1024.
    hyperparameters = {**baseline(name), "learning_starts": 64, "buffer_size": 10_000}
    algorithm = cast("Algorithm", baseline_algorithm(name))
    result = train(hyperparameters, algorithm, n_envs=8, max_steps=LONG_ROLLOUTS.get(name, 72))
    assert result.diverged is None


def train(hyperparameters: dict[str, Any], algorithm: Algorithm, n_envs: int, **limits: float) -> RunResult:
    spec = {"budget_s": 300, "max_steps": 10**7, **limits}
    result = train_run(
        RunSpec(
            environment=EnvironmentSpec(backend="gymnasium", task="Pendulum-v1", n_envs=n_envs),
            algorithm=algorithm, hyperparameters=hyperparameters, seed=1, eval_seed=2, n_eval_episodes=n_envs, **spec,
        ),
        lambda _: None,
    )  # fmt: skip
    assert result.total_gradient_steps > 0
    assert result.budget_compilations == 0
    return result
