"""Recording policies from files, and a policy that learned nothing, on Gymnasium tasks."""

from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import sbx
import stable_baselines3
from stable_baselines3.common.vec_env import VecNormalize

from hpo.hardware import Hardware
from hpo.reports.bounds_report import describe, write_report
from hpo.studies.bounds_file import read_bounds
from objectives.bounds.measured_bounds import load_actions
from objectives.bounds.policy_recording import MIN_STEPS_PER_ENV, record_policy
from objectives.bounds.recording import Recording, RecordSpec
from objectives.errors import ConfigurationError
from objectives.run_result import Progress
from objectives.run_spec import ActionBounds, EnvironmentSpec, RunSpec
from objectives.training import train_run
from tests.tasks import faulty_tasks, tracking_task  # noqa: F401  (register their tasks)

SMALL: dict[str, Any] = {"n_steps": 32, "n_minibatches": 4, "policy_kwargs": {"net_arch": [16]}}


def spec(folder: Path, task: str = "Tracking-v0", **fields: Any) -> RecordSpec:
    defaults: dict[str, Any] = {
        "environment": EnvironmentSpec(backend="gymnasium", task=task, n_envs=8),
        "seed": 1,
        "eval_seed": 2,
        "budget_s": 60,
        "max_steps": 2048,
        "n_eval_episodes": 16,
        "steps": 1000,
        "output_dir": str(folder),
    }
    return RecordSpec(**{**defaults, **fields})


def record(run: RecordSpec) -> Recording:
    return record_policy(run, lambda _: None)


def trained_model(folder: Path, algorithm: Any, normalize: bool = True) -> Path:
    """A PPO that the ordinary training run saved."""
    recording = spec(folder)
    train_run(
        RunSpec(
            environment=recording.environment, algorithm=algorithm, hyperparameters=SMALL, seed=1, eval_seed=2,
            budget_s=60, max_steps=512, n_eval_episodes=8, normalize=normalize, output_dir=str(folder),
        ),
        lambda _: None,
    )  # fmt: skip
    return folder / "model.zip"


@pytest.mark.parametrize("algorithm", ["ppo", "sb3-ppo"])
def test_a_saved_ppo_is_recorded_with_its_statistics(algorithm: str, tmp_path: Path) -> None:
    model = trained_model(tmp_path / "run", algorithm)
    recording = record(spec(tmp_path / "out", model=str(model)))
    actions, low, high = load_actions(Path(recording.actions_path))
    # 1000 steps are 125 of each environment: fewer than an environment is recorded for at least.
    assert actions.shape == (8 * MIN_STEPS_PER_ENV, 3)
    assert (low.tolist(), high.tolist()) == ([-4] * 3, [4] * 3)
    assert recording.steps == len(actions)
    assert "vecnormalize.pkl" in recording.notes[0]
    # The policy is hardly trained: a Gaussian of the standard deviation that the file says.
    assert recording.noise_std is not None
    assert actions.std(axis=0) == pytest.approx(np.array(recording.noise_std), rel=0.25)
    means = record(spec(tmp_path / "means", model=str(model), deterministic=True))
    assert means.noise_std is None
    assert load_actions(Path(means.actions_path))[0].std() < 0.7 * actions.std()


def test_the_same_seed_records_the_same_actions_and_leaves_the_statistics_as_they_were(tmp_path: Path) -> None:
    model = trained_model(tmp_path / "run", "sb3-ppo")
    before = (tmp_path / "run" / "vecnormalize.pkl").read_bytes()
    one, other = (record(spec(tmp_path / name, model=str(model), deterministic=True)) for name in ("one", "other"))
    assert np.array_equal(*(load_actions(Path(r.actions_path))[0] for r in (one, other)))
    assert one.evaluation == other.evaluation
    assert (tmp_path / "run" / "vecnormalize.pkl").read_bytes() == before


def test_a_ppo_of_stable_baselines3_itself_is_recorded_without_statistics(tmp_path: Path) -> None:
    stable_baselines3.PPO("MlpPolicy", gym.make("Tracking-v0"), n_steps=8, batch_size=8).save(tmp_path / "model.zip")
    recording = record(spec(tmp_path / "out", model=str(tmp_path / "model.zip")))
    assert "no normalization statistics" in recording.notes[0]
    assert recording.training is None


def test_isaac_labs_name_for_the_statistics_is_known(tmp_path: Path) -> None:
    model = trained_model(tmp_path, "sb3-ppo").rename(tmp_path / "model_500_steps.zip")
    (tmp_path / "vecnormalize.pkl").rename(tmp_path / "model_vecnormalize_500_steps.pkl")
    assert "model_vecnormalize_500_steps.pkl" in record(spec(tmp_path / "out", model=str(model))).notes[0]


def test_what_is_no_ppo_of_this_task_is_refused(tmp_path: Path) -> None:
    sbx.SAC("MlpPolicy", gym.make("Tracking-v0"), buffer_size=10).save(tmp_path / "sac.zip")
    stable_baselines3.PPO("MlpPolicy", gym.make("Pendulum-v1"), n_steps=8, batch_size=8).save(tmp_path / "pendulum.zip")
    (tmp_path / "text.zip").write_text("no archive")
    for name, message in (
        ("sac.zip", "does not hold a PPO"),
        ("pendulum.zip", r"another task: its .* have the shape \(.*\), those of Tracking-v0 \(3,\)"),
        ("text.zip", "is not a model"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            record(spec(tmp_path / "out", model=str(tmp_path / name)))


def test_rewards_are_normalized_for_training_where_the_settings_say_so(tmp_path: Path) -> None:
    recording = spec(tmp_path)
    seen: list[VecNormalize] = []
    result = train_run(
        RunSpec(
            environment=recording.environment, algorithm="sb3-ppo", hyperparameters={**SMALL, "gamma": 0.9}, seed=1,
            eval_seed=2, budget_s=60, max_steps=512, n_eval_episodes=8, normalize_rewards=True, clip_observations=3,
        ),
        lambda _: None,
        then=lambda _, env: seen.append(env),
    )  # fmt: skip
    (env,) = seen
    assert (env.clip_obs, env.gamma) == (3, 0.9)
    assert env.ret_rms.count > 256
    # The returns of evaluation are the task's own: an untrained policy is some 3 * (1 + 1 / 3) + 2 ** 2 + ... off.
    assert result.evaluation is not None
    assert result.evaluation.mean_return < -5


def test_a_policy_that_learned_nothing_is_warned_about_in_the_file_and_on_the_screen(tmp_path: Path) -> None:
    progress: list[Progress] = []
    run = spec(tmp_path / "out", task="Nothing-v0")
    recording = record_policy(run, progress.append)
    assert not recording.learned()
    assert recording.training is not None
    assert recording.training.budget_compilations == 0
    phases = list(dict.fromkeys(p.phase for p in progress))
    assert phases == ["start-up", "warm-up", "training", "evaluation", "recording"]
    assert [p.share for p in progress if p.phase == "recording"][-1] == 1
    report = write_report(tmp_path / "b.yaml", recording, run, 2.5, Hardware("cpu", "CPU", None, None))
    assert any("WARNING" in line for line in describe(report) if isinstance(line, str))
    assert "# WARNING" in (tmp_path / "b.yaml").read_text()


def test_dimensions_with_names_are_measured_written_and_trained_by_name(tmp_path: Path) -> None:
    model = trained_model(tmp_path / "run", "sb3-ppo")
    run = spec(tmp_path / "out", task="NamedTracking-v0", model=str(model))
    recording = record(run)
    assert recording.action_names == ("hip", "thigh", "calf")
    report = write_report(tmp_path / "b.yaml", recording, run, 2.5, Hardware("cpu", "CPU", None, None))
    bounds = ActionBounds.model_validate(read_bounds(tmp_path / "b.yaml"))
    assert bounds.joints is not None
    measured = zip(report.bounds.low.tolist(), report.bounds.high.tolist(), strict=True)
    assert bounds.joints == dict(zip(("hip", "thigh", "calf"), measured, strict=True))
    told = [part for part in describe(report) if isinstance(part, str)]
    assert any(line.startswith("hip, thigh, calf: most of it is the PPO's exploration") for line in told)
    result = train_run(
        RunSpec(
            environment=run.environment.model_copy(update={"action_bounds": bounds}), algorithm="ppo",
            hyperparameters=SMALL, seed=1, eval_seed=2, budget_s=60, max_steps=256, n_eval_episodes=8,
        ),
        lambda _: None,
    )  # fmt: skip
    assert result.action_names == ("hip", "thigh", "calf")


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("TwoNames-v0", "3 action dimensions and 2 `action_names`: hip, calf"),
        ("SameNames-v0", "name a dimension twice: hip, calf, hip"),
    ],
)
def test_a_task_whose_names_do_not_fit_its_actions_is_refused(task: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        record(spec(tmp_path, task=task, max_steps=256))
