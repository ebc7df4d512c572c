"""A task with a peculiarity ends in training, or in one line before anything is created."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import optuna
import pytest
import sbx
from optuna.storages import BaseStorage
from optuna.trial import TrialState
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from hpo.actions.checking import refused_in_a_line
from hpo.database.resilient_storage import ResilientStorage
from hpo.errors import UserError
from hpo.hardware import claimed_hardware
from hpo.runs.runner import Runner
from objectives.run_spec import Algorithm, EnvironmentSpec, RunSpec
from tests.acceptance.conftest import QUICK
from tests.conftest import Hpo
from tests.tasks import odd_tasks  # (registers its tasks)

TINY: dict[str, Any] = {"buffer_size": 1000, "batch_size": 8, "learning_starts": 8, "policy_kwargs": {"net_arch": [8]}}
TRAINABLE = (
    "Plain", "Image", "Matrix", "Float64", "Integers", "MatrixAction", "ScalarAction", "ZeroWidthAction",
    "LopsidedAction", "Loud", "OneStep",
)  # fmt: skip


@pytest.fixture(scope="module")
def runner(home: Path) -> Iterator[Runner]:
    """One process for all tests of this module."""
    with (
        claimed_hardware("cpu", None) as hardware,
        closing(Runner(hardware, home / "cache", home / "logs" / "odd.log")) as runner,
    ):
        yield runner


def environment(name: str) -> EnvironmentSpec:
    return EnvironmentSpec(backend="gymnasium", task=f"Odd/{name}-v0", n_envs=2, imports=("odd_tasks",))


def check_that(runner: Runner, one: EnvironmentSpec, algorithm: Algorithm = "sac") -> None:
    with refused_in_a_line(runner, one.task):
        runner.check(one, algorithm, (), lambda: False)


def check(runner: Runner, name: str, algorithm: Algorithm = "sac") -> None:
    check_that(runner, environment(name), algorithm)


@pytest.mark.parametrize("name", TRAINABLE)
def test_an_odd_task_that_an_agent_can_be_trained_on_trains(runner: Runner, name: str) -> None:
    check(runner, name)
    spec = RunSpec(
        environment=environment(name), hyperparameters=TINY, seed=1, eval_seed=2, budget_s=60, max_steps=40,
        n_eval_episodes=2,
    )  # fmt: skip
    result = runner.run(spec, lambda _: True, lambda: False)
    assert result.diverged is None
    assert result.total_gradient_steps > 0


@pytest.mark.parametrize(
    ("name", "reason", "simulator_fault"),
    [
        ("NanReset", "the simulator returned observations or rewards that are not finite", True),
        ("Huge", "evaluation returns, or the squares that losses are made of, are not finite numbers", False),
    ],
)
def test_a_task_whose_numbers_no_agent_can_learn_from_diverges(
    runner: Runner, name: str, reason: str, simulator_fault: bool
) -> None:
    check(runner, name)
    spec = RunSpec(
        environment=environment(name), hyperparameters=TINY, seed=1, eval_seed=2, budget_s=60, max_steps=40,
        n_eval_episodes=2,
    )  # fmt: skip
    result = runner.run(spec, lambda _: True, lambda: False)
    assert (result.evaluation, result.diverged, result.simulator_fault) == (None, reason, simulator_fault)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Discrete", "has a Discrete observation space"),
        ("Pair", "has a Tuple observation space"),
        ("Nested", "part 'robot' is a Dict space"),
        ("Scalar", "the shape (1,)"),
        ("WrongShape", "its reset gives an observation of shape (7,), and its observation space says (3,)"),
        ("Broadcast", "its reset gives an observation of shape (1,), and its observation space says (3,)"),
        ("WrongLater", "its step gives an observation of shape (4,), and its observation space says (3,)"),
        ("WrongPart", "in part 'goal' its reset gives an observation of shape (2,), and its observation space says"),
        ("MissingPart", "its reset gives the parts pos as the observation; its space has goal, pos"),
        ("Nothing", "its reset gives a NoneType as the observation"),
        ("Ragged", "its reset gives a list as the observation, not an array"),
        ("OldReset", "its reset takes no seed, as in old Gym"),
        ("BareReset", "its reset does not give (observation, info)"),
        ("OldStep", "its step does not give (observation, reward, terminated, truncated, info)"),
        ("ArrayReward", "gives an array of shape (1,) as the reward: give one number"),
        ("NoReward", "gives a NoneType as the reward: give one number"),
        ("ArrayEnd", "gives an array of shape (1,) as terminated: give a bool"),
        ("RaisingInit", "cannot be run: RuntimeError: DISPLAY is not set"),
        ("AsksPerson", "cannot be run: EOFError"),
        ("Exits", "cannot be run: the runner exited with status 3"),
        ("Unbounded", "has an unbounded action space"),
        ("NoLimit", "has no time limit: it registers none, and no episode was truncated in 2000 steps"),
        ("FailsEarly", "has no time limit"),
    ],
)
def test_an_odd_task_that_cannot_be_trained_on_is_one_line(runner: Runner, name: str, message: str) -> None:
    with pytest.raises(UserError) as refused:
        check(runner, name)
    line = str(refused.value)
    assert message in line
    assert f"Odd/{name}-v0" in line
    assert "\n" not in line
    if "cannot be run" in line:
        assert str(runner.log_path) in line


@pytest.mark.parametrize("name", ["NoLimit", "FailsEarly"])
def test_a_task_without_a_time_limit_gets_one_from_its_study(runner: Runner, name: str) -> None:
    limited = environment(name).model_copy(update={"max_episode_steps": 15})
    check_that(runner, limited)
    spec = RunSpec(
        environment=limited, hyperparameters=TINY, seed=1, eval_seed=2, budget_s=60, max_steps=40, n_eval_episodes=4
    )
    evaluation = runner.run(spec, lambda _: True, lambda: False).evaluation
    assert evaluation is not None
    assert evaluation.n_unfinished == 0
    assert evaluation.timeout_rate == 1 if name == "NoLimit" else evaluation.mean_episode_length <= 15


@pytest.mark.parametrize(
    ("name", "changes"),
    [("Sized", {"env_kwargs": {"size": 5}}), ("Vectorized", {"max_episode_steps": 10})],
)
def test_a_task_that_needs_a_field_of_its_study_trains_with_it(
    runner: Runner, name: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(UserError, match="give them as env_kwargs" if name == "Sized" else "has no time limit"):
        check(runner, name)
    told = environment(name).model_copy(update=changes)
    check_that(runner, told)
    spec = RunSpec(
        environment=told, hyperparameters=TINY, seed=1, eval_seed=2, budget_s=60, max_steps=40, n_eval_episodes=4
    )
    evaluation = runner.run(spec, lambda _: True, lambda: False).evaluation
    assert evaluation is not None
    assert (evaluation.mean_episode_length, evaluation.timeout_rate) == (10, 1)


def test_what_a_task_raises_is_one_line_of_the_command_and_creates_nothing(hpo: Hpo, study_name: str) -> None:
    done = hpo("worker", "--study", study_name, *QUICK, "--import", "odd_tasks", "--task", "Odd/RaisingReset-v0")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "Odd/RaisingReset-v0 cannot be run: RuntimeError: cannot connect" in done.stderr
    assert "\x1b" not in done.stderr
    log = Path(done.stderr.rpartition("output: ")[2].strip().removesuffix(")"))
    assert 'raise RuntimeError("cannot connect' in log.read_text()
    assert f"no study '{study_name}'" in hpo("status", "--study", study_name).stderr


def test_a_task_that_becomes_impossible_is_one_line_and_its_trial_is_handed_back(
    hpo: Hpo, storage: BaseStorage, study_name: str, tmp_path: Path
) -> None:
    worker = ("worker", "--study", study_name, *QUICK, "--budget", "1s", "--import", "odd_tasks", "--n-trials", "1")
    done = hpo(*worker, "--task", "Odd/WideLater-v0", env={"ODD_FLAG": str(tmp_path / "flag")})
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "Odd/WideLater-v0 has an unbounded action space" in done.stderr
    trials = optuna.load_study(study_name=study_name, storage=storage).trials
    assert [trial.state for trial in trials] == [TrialState.FAIL, TrialState.WAITING]
    assert trials[1].params == trials[0].params
    # Where it is possible again, the study still has its one slot.
    assert hpo("worker", "--study", study_name, "--import", "odd_tasks").returncode == 0
    trials = optuna.load_study(study_name=study_name, storage=storage).trials
    assert [trial.state for trial in trials] == [TrialState.FAIL, TrialState.COMPLETE]


def test_a_diverged_trial_is_behind_every_honest_one_though_it_was_first(
    hpo: Hpo, storage: ResilientStorage, study_name: str, tmp_path: Path
) -> None:
    task = ("--import", "odd_tasks", "--task", "Odd/Abyss-v0", "--budget", "1s", "--n-trials", "2")
    done = hpo("worker", "--study", study_name, *QUICK, *task, env={"ODD_FLAG": str(tmp_path / "flag")})
    assert done.returncode == 0
    assert "trial 1: diverged: the simulator returned" in done.stdout

    # The simulator's NaN is done once more in the same slot, with another seed; the second time it is the result.
    fault, diverged, honest = optuna.load_study(study_name=study_name, storage=storage.tables).trials
    assert [t.state for t in (fault, diverged, honest)] == [TrialState.FAIL, TrialState.COMPLETE, TrialState.COMPLETE]
    assert diverged.params == fault.params
    assert diverged.user_attrs["seed"] != fault.user_attrs["seed"]
    assert diverged.user_attrs["retry_of"] == 0
    assert "not finite" in fault.user_attrs["failure"]
    assert "not finite" in diverged.user_attrs["diverged_reason"]

    # Every return is far below what a diverged trial has where nothing is known of the task.
    assert honest.value is not None
    assert diverged.value is not None
    assert honest.value < -90_000
    assert diverged.value == np.nextafter(honest.value, -np.inf)
    assert optuna.load_study(study_name=study_name, storage=storage.tables).best_trial.number == 2
    assert "  trial: 2" in hpo("export", "--study", study_name).stdout
    assert hpo("export", "--study", study_name, "--trial", "1").stderr.startswith("hpo: trial 1 of study")
    best = json.loads(hpo("best", "--study", study_name, "--json").stdout)
    assert [(trial["trial"], trial["value"]) for trial in best] == [(2, honest.value), (1, None)]
    status = json.loads(hpo("status", "--json").stdout)
    assert [s["best_trial"] for s in status if s["study"] == study_name] == [2]


@pytest.mark.parametrize("algorithm", ["sac", "ppo", "sb3-ppo"])
def test_dictionary_observations_train(runner: Runner, algorithm: Algorithm) -> None:
    # N-step returns too: Stable-Baselines3's buffer of them takes no dictionaries.
    sizes = {**TINY, "n_steps": 3} if algorithm == "sac" else {"n_steps": 8, "batch_size": 8}
    check(runner, "Dictionary", algorithm)
    spec = RunSpec(
        environment=environment("Dictionary"), algorithm=algorithm, hyperparameters=sizes, seed=1, eval_seed=2,
        budget_s=60, max_steps=40, n_eval_episodes=2,
    )  # fmt: skip
    result = runner.run(spec, lambda _: True, lambda: False)
    assert result.evaluation is not None
    # In the order of the space, which Gymnasium sorts.
    assert list((result.observation_parts or {}).items()) == [("goal", 4), ("pos", 3), ("t", 1)]


def test_a_policy_of_dictionary_observations_is_saved_with_its_statistics(hpo: Hpo, tmp_path: Path) -> None:
    config = {
        "backend": "gymnasium", "task": "Odd/Dictionary-v0", "n_envs": 2, "budget": "60s", "max_steps": 40,
        "n_eval_episodes": 2, "hyperparameters": {**TINY, "policy": "MultiInputPolicy"},
    }  # fmt: skip
    (tmp_path / "run.yaml").write_text(json.dumps(config))
    out = tmp_path / "out"
    done = hpo("train", "--config", str(tmp_path / "run.yaml"), "--out", str(out), "--import", "odd_tasks")
    assert done.returncode == 0, done.stderr
    flat = gym.wrappers.FlattenObservation(odd_tasks.Dictionary())
    env = VecNormalize.load(str(out / "vecnormalize.pkl"), DummyVecEnv([lambda: flat]))
    assert env.obs_rms.mean[:4] == pytest.approx(np.full(4, 4.5), abs=1)  # the goal comes first
    actions, _ = sbx.SAC.load(out / "model.zip").predict(env.reset(), deterministic=True)
    assert actions.shape == (1, 2)
