"""What is told of training at each point: against plain numpy, for every algorithm, and without a compilation."""

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import wandb
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from objectives.agents.factory import make_agent, training_signals
from objectives.agents.training_signals import MOST_JUDGED, Judged, agent_signals
from objectives.errors import ConfigurationError
from objectives.policies.actor_arrays import read_actor
from objectives.run_result import AT_A_BOUND, CurvePoint, TrainingSignals
from objectives.run_spec import EnvironmentSpec, RunSpec, WandbRun
from objectives.training import make_training_env, train_run
from tests.tasks import faulty_tasks  # noqa: F401  (registers its tasks)

pytestmark = pytest.mark.usefixtures("fetched_programs")

SMALL = {"learning_starts": 8, "buffer_size": 1000, "batch_size": 16, "policy_kwargs": {"net_arch": [16, 16]}}
OFF_POLICY = ["sac", "tqc", "crossq", "td3"]
ALWAYS = {"critic_loss", "mean_q", "saturation", "gradient_steps_per_s", "resident_mib"}


def spec(algorithm: str, task: str = "Pendulum-v1", **fields: Any) -> RunSpec:
    defaults: dict[str, Any] = {
        "environment": EnvironmentSpec(backend="gymnasium", task=task, n_envs=4), "algorithm": algorithm,
        "hyperparameters": SMALL, "seed": 1, "eval_seed": 2, "budget_s": 60, "max_steps": 1200, "n_eval_episodes": 4,
        "report_every_s": 0.3,
    }  # fmt: skip
    return RunSpec(**{**defaults, **fields})


@pytest.mark.parametrize("algorithm", OFF_POLICY)
def test_each_point_says_what_training_is_like_and_nothing_is_compiled_for_it(algorithm: str) -> None:
    points: list[CurvePoint] = []
    result = train_run(spec(algorithm), lambda progress: points.append(progress.point) if progress.point else None)
    assert result.budget_compilations == 0
    assert tuple(points) == result.learning_curve
    said = [point.signals for point in points if point.signals.critic_loss is not None]
    assert said, points
    for signals in said[:-1]:
        there = {name for name, value in signals.model_dump().items() if value is not None}
        assert there >= ALWAYS
        assert (signals.entropy is None) == (signals.ent_coef is None) == (algorithm == "td3")
        assert signals.critic_loss is not None
        assert signals.critic_loss > 0
        assert signals.saturation is not None
        assert 0 <= signals.saturation <= 1
    assert said[-1].episode_length == 200


def test_entropy_values_and_saturation_are_those_of_plain_numpy() -> None:
    env = make_training_env(spec("sac").environment, "sac", 0)
    agent = make_agent("sac", {**SMALL, "ent_coef": 0.125, "policy_kwargs": {"net_arch": [16, 16]}}, env, seed=3)
    agent.learn(400)
    signals = training_signals(agent)
    networks, variables = zip(*agent._networks(), strict=True)
    actions = np.asarray(type(agent).judge(networks, variables, agent.rollout.seen, jax.random.PRNGKey(0)).actions)
    observations = np.asarray(agent.rollout.seen)

    layers = {name.removeprefix("params/params/"): array for name, array in read_actor(agent).items()}
    hidden = observations
    for layer in ("Dense_0", "Dense_1"):
        hidden = np.maximum(hidden @ layers[f"{layer}/kernel"] + layers[f"{layer}/bias"], 0)
    mean = hidden @ layers["Dense_2/kernel"] + layers["Dense_2/bias"]
    log_std = np.clip(hidden @ layers["Dense_3/kernel"] + layers["Dense_3/bias"], -20, 2)
    before = np.arctanh(np.clip(actions, -1 + 1e-6, 1 - 1e-6))
    log_normal = -0.5 * ((before - mean) / np.exp(log_std)) ** 2 - log_std - 0.5 * np.log(2 * np.pi)
    log_probability = (log_normal - np.log(1 - actions**2 + 1e-12)).sum(axis=1)
    assert signals.entropy == pytest.approx(-log_probability.mean(), abs=1e-2)

    critic = jax.device_get(agent.policy.qf_state.params)["params"]["VmapContinuousCritic_0"]
    smallest = np.min([q_value(critic, number, observations, actions) for number in range(2)], axis=0)
    assert signals.mean_q == pytest.approx(smallest.mean(), abs=1e-3)
    assert signals.saturation == pytest.approx((np.abs(actions) >= 1 - 2 * AT_A_BOUND).mean())
    assert signals.ent_coef == pytest.approx(0.125)
    env.close()


def q_value(critic: Any, number: int, observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
    hidden = np.concatenate([observations, actions], axis=1)
    for layer in ("Dense_0", "Dense_1"):
        hidden = np.maximum(hidden @ critic[layer]["kernel"][number] + critic[layer]["bias"][number], 0)
    return np.asarray(hidden @ critic["Dense_2"]["kernel"][number] + critic["Dense_2"]["bias"][number])


def test_a_learned_coefficient_is_the_one_that_the_agent_has() -> None:
    env = make_training_env(spec("sac").environment, "sac", 0)
    agent = make_agent("sac", {**SMALL, "ent_coef": "auto_0.3", "learning_rate": 0.0}, env, seed=3)
    agent.learn(200)
    assert training_signals(agent).ent_coef == pytest.approx(0.3)
    env.close()


def judge_by_place(networks: Any, variables: Any, observations: jax.Array, key: jax.Array) -> Judged:
    return Judged(observations, None, observations)


@pytest.mark.parametrize("n_envs", [10, 1024, 1025, 4096])
def test_signals_are_of_all_environments_and_not_of_the_first(n_envs: int) -> None:
    places = np.arange(n_envs, dtype=np.float32)[:, None] / n_envs
    signals = agent_signals(judge_by_place, (), (), places)
    assert signals.actions is not None
    assert len(signals.actions) <= MOST_JUDGED
    assert signals.mean_q == pytest.approx(places.mean(), abs=1e-3)


def test_success_and_length_are_those_of_the_latest_episodes() -> None:
    result = train_run(spec("sac", "Nothing-v0", max_steps=400), lambda _: None)
    last = result.learning_curve[-1].signals
    assert (last.success_rate, last.episode_length) == (1.0, 10.0)


@pytest.mark.parametrize("algorithm", ["ppo", "sb3-ppo"])
def test_ppo_says_what_its_rollouts_and_its_logger_know(algorithm: str) -> None:
    still = {
        "n_steps": 64, "batch_size": 64, "n_epochs": 1, "learning_rate": 1e-12, "policy_kwargs": {"ortho_init": True},
    }  # fmt: skip
    result = train_run(spec(algorithm, hyperparameters=still, max_steps=4096, report_every_s=0.05), lambda _: None)
    signals = [point.signals for point in result.learning_curve]
    assert signals[-1].episode_length == 200
    (last, *_) = [one for one in reversed(signals) if one.mean_q is not None and one.critic_loss is not None]
    # One action of standard deviation 1 around 0, clipped to [-2, 2], of which 4 % count as at a bound.
    assert last.entropy == pytest.approx(0.5 * np.log(2 * np.pi * np.e), abs=1e-3)
    saturation = [one.saturation for one in signals if one.saturation is not None]
    assert np.mean(saturation) == pytest.approx(0.05, abs=0.04)
    assert last.critic_loss is not None
    assert last.critic_loss > 0
    assert last.actor_loss is not None


def test_tensorboard_has_the_curve_the_score_and_the_hyperparameters(tmp_path: Path) -> None:
    result = train_run(spec("sac", tensorboard_dir=str(tmp_path / "a run")), lambda _: None)
    events = EventAccumulator(str(tmp_path / "a run"))
    events.Reload()
    returns = events.Scalars("rollout/ep_rew_mean")
    told = {p.num_timesteps: p.mean_return for p in result.learning_curve if p.mean_return is not None}
    assert {event.step: event.value for event in returns} == pytest.approx(told, rel=1e-6)
    assert set(events.Tags()["scalars"]) >= {"train/mean_q", "train/critic_loss", "train/ent_coef", "time/elapsed_s"}
    assert result.evaluation is not None
    assert events.Scalars("eval/mean_reward")[-1].value == pytest.approx(result.evaluation.mean_return, rel=1e-6)
    assert "_hparams_/session_start_info" in events.PluginTagToContent("hparams")


def test_a_folder_that_cannot_be_written_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"--tensorboard .* cannot be written"):
        train_run(spec("sac", tensorboard_dir=str(tmp_path / "file" / "run")), lambda _: None)


@pytest.mark.parametrize("argument", ["tensorboard_log", "verbose"])
def test_an_argument_that_would_do_nothing_is_refused(argument: str) -> None:
    env = make_training_env(spec("sac").environment, "sac", 0)
    with pytest.raises(ConfigurationError, match=f"sac has no hyperparameter {argument}"):
        make_agent("sac", {**SMALL, argument: "logs"}, env, seed=0)
    env.close()


def test_every_signal_has_a_panel_in_the_picture() -> None:
    from objectives.signals_picture import signals_picture

    names = list(TrainingSignals.model_fields)
    figure = signals_picture({"a": ([1.0, 2.0], {name: [1.0, 2.0] for name in names})}, "all")
    assert sum(axes.has_data() for axes in figure.axes) == len(names)


@pytest.fixture
def fresh_wandb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is logged in, and what wandb remembers of this process is forgotten."""
    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    wandb.teardown()


@pytest.mark.usefixtures("fresh_wandb")
def test_weights_and_biases_has_them_too_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    result = train_run(spec("sac", wandb=WandbRun(project="mine", name="a study/trial-3")), lambda _: None)
    wandb.teardown()  # waits for wandb's own process, which closes the file
    (file,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    content = file.read_bytes()
    for said in (b"train/mean_q", b"eval/mean_reward", b"a study", b"trial-3", b"Pendulum-v1"):
        assert said in content
    assert content.count(b"train/mean_q") >= len(result.learning_curve) - 1


@pytest.mark.usefixtures("fresh_wandb")
def test_without_a_login_it_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match=r"--wandb mine: .*WANDB_MODE=offline"):
        train_run(spec("sac", wandb=WandbRun(project="mine", name="a study/trial-3")), lambda _: None)


def test_a_run_has_its_colour_in_each_panel_and_the_legend_names_all() -> None:
    """Also one that says nothing of what the first panel shows."""
    from matplotlib.colors import to_hex

    from objectives.signals_picture import signals_picture

    seconds = [1.0, 2.0]
    silent = seconds, {"learning_rate": [1e-3, 1e-3]}
    telling = seconds, {"learning_rate": [1e-3, 2e-3], "policy_kl": [1e-4, 2e-4]}
    figure = signals_picture({"silent": silent, "telling": telling}, "two")
    divergence, rates = figure.axes
    assert [to_hex(line.get_color()) for line in divergence.lines] == [to_hex("C1")]
    assert [to_hex(line.get_color()) for line in rates.lines] == [to_hex("C0"), to_hex("C1")]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["silent", "telling"]
