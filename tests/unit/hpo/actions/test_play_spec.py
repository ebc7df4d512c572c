"""Which environments a kept policy is played in."""

import pytest

from hpo.actions.play_spec import environment_here
from hpo.hardware import Hardware
from objectives.run_spec import EnvironmentSpec, RunSpec

CPU = Hardware("cpu", "a CPU", driver=None, gpu_uuid=None)


@pytest.mark.parametrize(("episodes", "n_envs"), [(3, 3), (4, 8), (5, 5), (20, 8)])
def test_the_runs_own_number_of_episodes_is_played_in_all_its_environments(episodes: int, n_envs: int) -> None:
    # Of eight environments the run's evaluation counted every second one: those of four others have other numbers.
    run = RunSpec(
        environment=EnvironmentSpec(backend="isaaclab", task="Ant", n_envs=8), hyperparameters={}, seed=1, eval_seed=2,
        budget_s=1, max_steps=1, n_eval_episodes=4,
    )  # fmt: skip

    here = environment_here(run, CPU, (), episodes, (1.0, 0.0, 0.0))

    assert (here.n_envs, here.command) == (n_envs, (1.0, 0.0, 0.0))
