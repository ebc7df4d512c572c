"""Whole runs on a Gymnasium task: clock, warm-up, divergence, what is saved."""

import csv
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import sbx
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from objectives import evaluation
from objectives.agents.factory import make_agent
from objectives.errors import ConfigurationError
from objectives.run_result import Progress, RunResult
from objectives.run_spec import ActionBounds, EnvironmentSpec, RunSpec
from objectives.training import make_training_env, train_run
from samplers import named_space
from tests.tasks import faulty_tasks, odd_tasks

SPACE = named_space("sac")


def hyperparameters(**values: float) -> dict[str, Any]:
    lows = {name: dimension.low for name, dimension in SPACE.dimensions.items()}
    return {**SPACE.hyperparameters({**lows, **values}), "buffer_size": 20_000, "learning_starts": 8}


def spec(task: str = "Pendulum-v1", **fields: Any) -> RunSpec:
    defaults: dict[str, Any] = {
        "environment": EnvironmentSpec(backend="gymnasium", task=task, n_envs=4),
        "hyperparameters": hyperparameters(),
        "seed": 1,
        "eval_seed": 2,
        "budget_s": 1,
        "max_steps": 10**7,
        "n_eval_episodes": 6,
        "report_every_s": 0.25,
    }
    return RunSpec(**{**defaults, **fields})


def train(run: RunSpec) -> RunResult:
    return train_run(run, lambda _: None)


SHAPES: dict[str, dict[str, float]] = {
    "rare updates": {"train_freq_pow": 3, "policy_delay_pow": 5},
    "many updates of a rare policy": {"gradient_steps_pow": 10, "policy_delay_pow": 5},
    "less than a chunk": {"gradient_steps_pow": 3, "policy_delay_pow": 4, "batch_size_pow": 12},
}
"""Of updates; the corners of all spaces are in tests/acceptance/test_what_ships_trains.py."""


@pytest.mark.parametrize("values", SHAPES.values(), ids=SHAPES.keys())
def test_nothing_is_compiled_inside_the_budget(values: dict[str, float]) -> None:
    result = train(spec(hyperparameters=hyperparameters(**values)))
    assert result.budget_compilations == 0
    assert result.total_gradient_steps > 0
    assert result.training_s >= 1
    assert result.overshoot_s == pytest.approx(result.training_s - 1)


def test_the_second_run_of_a_shape_compiles_nothing_at_all() -> None:
    train(spec())
    again = train(spec(seed=9, hyperparameters=hyperparameters(learning_rate=1e-3, policy_delay_pow=2, gamma=0.98)))
    assert (again.warmup_compilations, again.budget_compilations) == (0, 0)


def test_a_run_reports_its_phases_in_order_and_a_curve_over_seconds() -> None:
    progress: list[Progress] = []
    result = train_run(spec(), progress.append)
    phases = list(dict.fromkeys(p.phase for p in progress))
    assert phases == ["start-up", "warm-up", "training", "evaluation"]
    seconds = [point.elapsed_s for point in result.learning_curve]
    assert seconds == sorted(seconds)
    assert len(seconds) >= 3
    assert tuple(p.point for p in progress if p.point is not None) == result.learning_curve


def test_evaluations_while_training_are_points_at_equal_shares_and_change_nothing_of_it() -> None:
    steps = {"max_steps": 400, "budget_s": 600}
    without, result = (train(spec(n_evaluations=n, **steps)) for n in (0, 4))
    assert [point.num_timesteps for point in result.evaluations] == [80, 160, 240, 320]
    assert {point.n_episodes for point in result.evaluations} == {6}
    assert all(-2000 < point.mean_return < 0 for point in result.evaluations)
    assert (result.evaluation, result.total_gradient_steps) == (without.evaluation, without.total_gradient_steps)
    assert result.budget_compilations == 0


def test_evaluations_while_training_are_not_part_of_the_budget() -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 0.001
        return now[0]

    def on_progress(progress: Progress) -> None:
        if progress.phase == "evaluation":
            now[0] += 100.0

    result = train_run(spec(n_evaluations=3), on_progress, clock)
    assert [point.elapsed_s for point in result.evaluations] == pytest.approx([0.25, 0.5, 0.75], abs=0.05)
    assert result.training_s == pytest.approx(1, abs=0.05)
    assert now[0] > 400


def test_an_episode_that_goes_on_past_the_time_limit_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "LONGEST_EPISODE", 30)
    result = train(spec("Odd/NoLimit-v0", max_steps=40)).evaluation
    assert result is not None
    # Each of the four environments is given up after its first.
    assert (result.n_episodes, result.n_unfinished, result.mean_episode_length) == (4, 4, 31)
    assert result.mean_return < -1


def test_the_step_limit_ends_training_before_the_budget() -> None:
    result = train(spec(max_steps=400, budget_s=600))
    assert result.num_timesteps == 400
    assert result.overshoot_s == 0
    assert result.training_s < 600


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    one, same, other = (train(spec(max_steps=200, budget_s=600, seed=seed)).evaluation for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_evaluation_counts_whole_episodes_and_how_they_ended() -> None:
    evaluation = train(spec("Pendulum-v1")).evaluation
    assert evaluation is not None
    assert (evaluation.n_episodes, evaluation.mean_episode_length, evaluation.timeout_rate) == (6, 200, 1)
    assert evaluation.success_rate is None
    ended = train(spec("Nothing-v0")).evaluation
    assert ended is not None
    assert (ended.mean_return, ended.mean_episode_length, ended.timeout_rate, ended.success_rate) == (-10, 10, 0, 1)


def test_a_run_whose_numbers_are_no_longer_finite_is_diverged_not_crashed() -> None:
    result = train(spec("Diverge-v0", budget_s=60))
    assert result.evaluation is None
    assert result.diverged is not None
    assert "not finite" in result.diverged
    assert result.num_timesteps <= 4 * faulty_tasks.FUSE


def test_hyperparameters_that_blow_up_the_agent_are_diverged() -> None:
    result = train(spec("Nothing-v0", hyperparameters={**hyperparameters(gradient_steps_pow=4), "learning_rate": 1e30}))
    assert result.diverged == "the policy's actions are not finite"


def test_model_statistics_and_curve_are_saved_and_can_be_used(tmp_path: Path) -> None:
    result = train(spec(output_dir=str(tmp_path)))
    assert RunResult.model_validate_json((tmp_path / "result.json").read_text()) == result
    with (tmp_path / "learning_curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["elapsed_s"]) for row in rows] == [point.elapsed_s for point in result.learning_curve]
    assert (tmp_path / "learning_curve.png").read_bytes().startswith(b"\x89PNG")
    env = VecNormalize.load(str(tmp_path / "vecnormalize.pkl"), DummyVecEnv([lambda: gym.make("Pendulum-v1")]))
    assert env.obs_rms.count > result.num_timesteps
    actions, _ = sbx.SAC.load(tmp_path / "model.zip").predict(env.reset(), deterministic=True)
    assert np.abs(actions).max() <= 1


def test_normalization_statistics_are_those_of_this_run_alone(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        result = train(spec(max_steps=200, budget_s=600, output_dir=str(tmp_path / folder)))
    env = VecNormalize.load(
        str(tmp_path / "second" / "vecnormalize.pkl"), DummyVecEnv([lambda: gym.make("Pendulum-v1")])
    )
    # One observation of each environment from the reset, then one a step; VecNormalize starts at a count of 1e-4.
    assert env.obs_rms.count == pytest.approx(result.num_timesteps + 4, abs=0.01)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"task": "Nope-v0"}, "no Gymnasium task 'Nope-v0'"),
        ({"task": "Isaac-Cartpole-Direct-v0"}, "--backend isaaclab --task Isaac-Cartpole-Direct"),
        ({"task": "CartPole-v1"}, "Discrete"),
        ({"imports": ("no_such_module",)}, "--import no_such_module"),
        ({"physics": "newton_mjwarp"}, "isaaclab backend"),
        ({"action_bounds": ActionBounds(low=[0, 0], high=[1, 1])}, "1 action dimensions, but action_bounds gives 2"),
    ],
)
def test_an_environment_that_cannot_be_made_is_a_configuration_error(fields: dict[str, Any], message: str) -> None:
    environment = EnvironmentSpec(**{"backend": "gymnasium", "task": "Pendulum-v1", "n_envs": 1, **fields})
    with pytest.raises(ConfigurationError, match=message):
        train(spec(environment=environment))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gama": 0.9}, "no hyperparameter gama"),
        ({"policy": "CnnPolicy"}, "policy is 'CnnPolicy'"),
        ({"policy_kwargs": {"net_arhc": [3]}}, "policy_kwargs.net_arhc"),
        ({"policy_kwargs": {"activation_fn": "sine"}}, "known are relu, elu"),
        ({"ent_coef": "off"}, "refuses"),
        ({"replay_buffer_class": "HerReplayBuffer"}, "no hyperparameter replay_buffer_class"),
        ({"action_noise": 0.1}, "no hyperparameter action_noise; did you mean action_noise_std"),
    ],
)
def test_hyperparameters_that_do_not_exist_are_a_configuration_error(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        train(spec(hyperparameters={**hyperparameters(), **change}))


def test_a_simulator_that_fails_in_the_reset_that_begins_training_is_said_to_be_at_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def arm(progress: Progress) -> None:
        if progress.phase == "training":
            monkeypatch.setattr(odd_tasks.NanResetOnceArmed, "armed", True)

    result = train_run(spec("Odd/NanResetOnceArmed-v0"), arm)
    assert result.simulator_fault
    assert (result.evaluation, result.num_timesteps, result.training_s, result.learning_curve) == (None, 0, 0.0, ())


@pytest.mark.parametrize(
    ("period", "changes"),
    [
        ({"train_freq": 5}, [5]),
        ({"train_freq": 8, "sde_sample_freq": 4}, [4, 8]),
        ({"train_freq": 6, "sde_sample_freq": 4}, [4, 6]),  # each rollout begins with new noise
    ],
)
def test_samples_of_a_policy_with_gsde_have_new_noise_as_often_as_in_training(
    period: dict[str, int], changes: list[int]
) -> None:
    env = make_training_env(EnvironmentSpec(backend="gymnasium", task="Odd/Still-v0", n_envs=2), "sac", 0)
    agent = make_agent("sac", {"use_sde": True, "buffer_size": 100, **period}, env, 1)
    seen: list[np.ndarray] = []
    evaluation.play_episodes(agent, env, 2, 2, deterministic=False, on_actions=seen.append)
    env.close()
    # The task always looks the same: what changes in its ten steps is noise.
    new = np.abs(np.diff(np.array(seen), axis=0)).max(axis=(1, 2)) > 1e-6
    assert (1 + np.flatnonzero(new)).tolist() == changes
