"""What was tried with SAC without success: unbounded policies, terms of the loss, a KL target, a range that grows."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from stable_baselines3.common.utils import LinearSchedule
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from objectives.action_bounds import BoundedActions, limits
from objectives.agents.chunked_training import CHUNK
from objectives.agents.compilation import CompilationCounter
from objectives.agents.factory import make_agent, training_signals
from objectives.agents.sac import SAC
from objectives.agents.shared_parts import plain_apply
from objectives.errors import DivergedError
from objectives.run_spec import ActionBounds
from tests.integration.test_sac_agent import RecordedSAC, assert_same_numbers, make, recorded
from tests.integration.torch_sac import TorchSAC

pytestmark = pytest.mark.usefixtures("unoptimized")

SMALL: dict[str, Any] = {"net_arch": [24, 16], "layer_norm": True, "optimizer_class": optax.adam}
GAUSSIAN: dict[str, Any] = {"policy": "GaussianPolicy"}


@pytest.fixture(scope="module")
def env() -> VecEnv:
    return DummyVecEnv([lambda: gym.make("Pendulum-v1")] * 2)


@pytest.mark.parametrize(
    "arguments",
    [
        GAUSSIAN,
        {**GAUSSIAN, "policy_mean_reg_weight": 0.3, "policy_std_reg_weight": 0.2},
        {**GAUSSIAN, "policy_kwargs": {"state_dependent_std": False, "log_std_init": -0.5}, "bounds_loss_coef": 2.0},
        {"policy_mean_reg_weight": 0.5, "policy_std_reg_weight": 0.1, "bounds_loss_coef": 1.0},
        {"target_kl": 1e-3},
        {**GAUSSIAN, "target_kl": 1e-5},
        {"initial_action_range": 0.3, "action_range_fraction": 0.5},
    ],
    ids=str,
)
def test_updates_are_those_of_plain_pytorch(env: VecEnv, arguments: dict[str, Any]) -> None:
    kwargs = {**SMALL, "activation_fn": jax.nn.elu, **arguments.get("policy_kwargs", {})}
    agent = make(RecordedSAC, env, **{**arguments, "policy_kwargs": kwargs, "learning_rate": 3e-3})
    assert isinstance(agent, RecordedSAC)
    # Means that lie beyond the bounds, so that all terms of the loss count.
    wide = jax.tree.map(lambda leaf: 1.5 * leaf + 0.3 * np.sign(leaf), agent.policy.actor_state.params)
    agent.policy.actor_state = agent.policy.actor_state.replace(params=wide)
    plain = TorchSAC(agent)
    rng = np.random.default_rng(0)
    agent.train(5, agent.batch_size)
    rows = recorded(rng, 5 * agent.batch_size)
    for i in range(5):
        batch = slice(i * agent.batch_size, (i + 1) * agent.batch_size)
        plain.update(tuple(part[batch] for part in rows), agent.policy.action_range)
    for ours, theirs in (
        (agent.policy.actor_state.params["params"], plain.actor),
        (agent.policy.qf_state.params["params"], plain.critics),
        (agent.policy.qf_state.target_params["params"], plain.targets),
    ):
        for (path, one), other in zip(jax.tree_util.tree_leaves_with_path(ours), jax.tree.leaves(theirs), strict=True):
            expected = other.detach().numpy()
            np.testing.assert_allclose(one, expected, rtol=2e-3, atol=2e-4, err_msg=jax.tree_util.keystr(path))
    assert float(agent.ent_coef_state.params["log_ent_coef"]) == pytest.approx(plain.log_ent_coef.item(), rel=1e-4)
    rate = float(agent.policy.actor_state.opt_state.hyperparams["learning_rate"])
    assert rate == pytest.approx(plain.optimizers[0].param_groups[0]["lr"], rel=1e-5)
    if "target_kl" in arguments:
        assert float(agent.policy_kl) == pytest.approx(plain.kl, rel=0.02)
        assert rate != pytest.approx(3e-3)  # it has moved


def test_settings_that_change_nothing_give_sbx_s_numbers(env: VecEnv) -> None:
    """The program of the settings, asked for what sbx's does."""
    usual, other = (make(RecordedSAC, env, policy_delay=2) for _ in range(2))
    other._train_chunk = other._train_by_settings  # type: ignore[attr-defined]
    for agent in (usual, other):
        agent.train(11, agent.batch_size)
    assert_same_numbers(usual, other)


def test_all_of_these_options_share_their_programs(env: VecEnv) -> None:
    shape = {"gradient_steps": CHUNK, "learning_starts": 0}
    kinds: list[dict[str, Any]] = [{}, GAUSSIAN]
    for kind in kinds:
        make(SAC, env, **kind, **shape, policy_mean_reg_weight=0.1).learn(6)
    with CompilationCounter() as compiled:
        for kind in kinds:
            make(SAC, env, **kind, **shape, policy_std_reg_weight=0.2, bounds_loss_coef=0.3).learn(6)
            make(SAC, env, **kind, **shape, target_kl=1e-4, learning_rate=1e-4).learn(6)
        make(SAC, env, **shape, initial_action_range=0.1, action_range_fraction=0.5).learn(8)
    assert compiled.count == 0


class Actions:
    """What environments are sent."""

    def __init__(self, env: VecEnv) -> None:
        self.env = env
        self.sent: list[np.ndarray] = []

    def __enter__(self) -> list[np.ndarray]:
        self.own: Callable[..., Any] = self.env.step_async
        self.env.step_async = lambda actions: (self.sent.append(actions), self.own(actions))[-1]  # type: ignore[method-assign]
        return self.sent

    def __exit__(self, *_: object) -> None:
        self.env.step_async = self.own  # type: ignore[method-assign]


def test_an_unbounded_policy_goes_beyond_the_bounds_and_stays_in_the_task_s_space(env: VecEnv) -> None:
    """Pendulum takes [-2, 2]; of this its bounds are [-0.5, 1]."""
    bounded = BoundedActions(env, ActionBounds(low=-0.5, high=1.0), "Pendulum-v1")
    agent = make_agent(
        "sac",
        {**GAUSSIAN, "learning_starts": 1000, "buffer_size": 1000, "policy_kwargs": {"log_std_init": 0.5}},
        bounded,
        seed=0,
    )
    with Actions(env) as sent:
        agent.learn(300)
    actions = np.concatenate(sent)
    assert actions.min() == -2
    assert actions.max() == 2
    assert 0.2 < np.mean((actions < -0.5) | (actions > 1.0)) < 0.9
    stored = np.asarray(agent.replay_buffer.stored.transitions.actions[:150]).ravel()
    inside = np.abs(actions).ravel() < 2
    np.testing.assert_allclose(0.25 + 0.75 * stored[inside], actions.ravel()[inside], rtol=1e-5, atol=1e-6)
    assert np.abs(stored).max() > 2.4  # as drawn, not as clipped
    # Before it has learned its mean is near the middle of the bounds, and its standard deviation as it was told.
    assert stored.mean() == pytest.approx(0, abs=0.3)
    assert stored.std() == pytest.approx(np.exp(0.5), rel=0.15)
    # Of 2 environments a share of 0, a half or 1; of a wide Gaussian it is not always 0.
    assert training_signals(agent).saturation in (0.0, 0.5, 1.0)


@pytest.mark.parametrize("action", [np.inf, -np.inf, np.nan, 1e30])
def test_an_unbounded_policy_that_runs_away_does_not_take_the_simulator_with_it(env: VecEnv, action: float) -> None:
    """No number that is none, and none beyond what PPO may do."""
    space = gym.spaces.Box(-np.inf, np.inf, (1,), np.float32)
    low, high = np.full(1, -0.5, np.float32), np.full(1, 1.0, np.float32)
    assert [end.tolist() for end in limits(space, low, high)] == [[-100.0], [100.0]]
    assert [end.tolist() for end in limits(space, 300 * low, 300 * high)] == [[-150.0], [300.0]]
    assert [end.tolist() for end in limits(env.action_space, low, high)] == [[-2.0], [2.0]]
    wide = gym.spaces.Box(-1000, 1000, (1,), np.float32)
    assert [end.tolist() for end in limits(wide, low, high)] == [[-1000.0], [1000.0]]
    bounded = BoundedActions(env, ActionBounds(low=-0.5, high=1.0), "Pendulum-v1")
    agent = make_agent("sac", {**GAUSSIAN, "learning_starts": 1000}, bounded, seed=0)
    agent.learn(2)
    agent.policy._predict = lambda *_, **__: jnp.full((2, 1), action, jnp.float32)
    with Actions(env) as sent, pytest.raises(DivergedError) if not np.isfinite(action) else nullcontext():
        agent.learn(6, reset_num_timesteps=False)
    assert np.isfinite(sent).all()
    assert np.abs(sent).max() <= 2


@pytest.mark.parametrize("deterministic", [True, False])
def test_what_an_unbounded_policy_predicts_is_not_clipped(env: VecEnv, deterministic: bool) -> None:
    agent = make_agent("sac", GAUSSIAN, BoundedActions(env, None, "Pendulum-v1"), seed=0)
    parameters = jax.tree.map(lambda leaf: leaf + 3.0, agent.policy.actor_state.params)
    agent.policy.actor_state = agent.policy.actor_state.replace(params=parameters)
    observations = env.reset()
    actions, _ = agent.predict(observations, deterministic=deterministic)
    assert actions.shape == (2, 1)
    assert (actions > 1).all()
    if deterministic:
        distribution = agent.policy.actor_state.apply_fn(parameters, observations)
        np.testing.assert_allclose(actions, distribution.mean(), rtol=1e-5)
        one, _ = agent.predict(observations[0], deterministic=True)
        np.testing.assert_allclose(one, actions[0], rtol=1e-6)


def test_actions_reach_farther_from_step_to_step(env: VecEnv) -> None:
    """Uniform ones before learning, and the policy's; the replay buffer holds what was done."""
    growing = {"initial_action_range": 0.1, "action_range_fraction": 0.5, "learning_starts": 80, "buffer_size": 1000}
    agent = make_agent("sac", growing, env, seed=0)
    with Actions(env) as sent:
        agent.learn(400)
    shares = np.abs(np.array(sent)).max(axis=(1, 2)) / 2
    steps = 2 * np.arange(200)
    allowed = np.minimum(0.1 + 0.9 * steps / 200, 1.0)
    assert (shares <= allowed + 1e-6).all()
    assert (shares[60:] > 0.5 * allowed[60:]).mean() > 0.3
    assert shares[:20].max() > 0.12
    stored = np.asarray(agent.replay_buffer.stored.transitions.actions[:200])
    np.testing.assert_allclose(2 * stored, np.array(sent), rtol=1e-5, atol=1e-6)
    assert agent.policy.action_range == 1


def test_a_range_that_has_not_grown_whole_is_saved_with_the_agent(env: VecEnv, tmp_path: Path) -> None:
    agent = make_agent("sac", {"initial_action_range": 0.2, "learning_starts": 10}, env, seed=0)
    agent.learn(50)
    assert 0.9 < agent.policy.action_range <= 1  # at its end the training is over
    agent._current_progress_remaining = 0.75
    agent.policy.action_range = agent._action_range()
    observations = env.reset()
    acted, _ = agent.predict(observations, deterministic=True)
    agent.save(tmp_path / "model.zip")
    loaded = SAC.load(tmp_path / "model.zip", device="cpu")
    assert loaded.policy.action_range == pytest.approx(0.4)
    np.testing.assert_allclose(loaded.predict(observations, deterministic=True)[0], acted, rtol=1e-6)
    assert np.abs(acted).max() <= 0.8


def test_an_unbounded_agent_is_saved_and_goes_on(env: VecEnv, tmp_path: Path) -> None:
    hyperparameters = {**GAUSSIAN, "policy_mean_reg_weight": 0.1, "learning_starts": 10, "buffer_size": 500}
    agent = make_agent("sac", hyperparameters, env, seed=0)
    agent.learn(60)
    agent.save(tmp_path / "model.zip")
    loaded = SAC.load(tmp_path / "model.zip", env=env, device="cpu")
    observations = env.reset()
    np.testing.assert_allclose(
        loaded.predict(observations, deterministic=True)[0], agent.predict(observations, deterministic=True)[0]
    )
    assert loaded.policy_mean_reg_weight == 0.1
    loaded.learn(40)
    assert loaded._n_updates > agent._n_updates


def test_a_target_of_the_kl_divergence_is_reached_from_either_side(env: VecEnv) -> None:
    """Of one update, within the margin in which the learning rate stays, on most updates."""
    for learning_rate in (1e-5, 1e-2):
        agent = make(RecordedSAC, env, target_kl=1e-4, learning_rate=learning_rate)
        divergences = []
        for _ in range(40):
            agent.train(1, agent.batch_size)
            divergences.append(float(agent.policy_kl))
        assert 0.3e-4 < np.median(divergences[20:]) < 3e-4


def test_with_a_target_of_the_kl_divergence_a_schedule_is_for_the_critics(env: VecEnv) -> None:
    schedule = LinearSchedule(1e-3, 0.0, 1.0)
    agent = make(RecordedSAC, env, target_kl=1e-9, learning_rate=schedule, policy_delay=2, policy_catches_up=True)
    for left in (1.0, 0.75, 0.5):
        agent._current_progress_remaining = left
        agent.train(4, agent.batch_size)
    states = agent.policy.actor_state, agent.policy.qf_state
    of_policy, of_critics = (float(state.opt_state.hyperparams["learning_rate"]) for state in states)
    assert of_critics == pytest.approx(5e-4)
    assert of_policy == pytest.approx(max(1e-5, 1e-3 / 1.5**12), rel=1e-5)  # twelve updates, each too large


def test_an_agent_whose_learning_rate_is_0_stays_as_it_is(env: VecEnv) -> None:
    """As the one of warm-up, whatever its target is."""
    agent = make(RecordedSAC, env, target_kl=1e-3, learning_rate=0.0, policy_kwargs={"optimizer_class": optax.adam})
    before = jax.device_get(agent.policy.actor_state.params)
    agent.train(6, agent.batch_size)
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(agent.policy.actor_state.params), before)


def test_a_range_grows_with_the_time_of_a_run_that_time_ends(env: VecEnv) -> None:
    agent = make_agent("sac", {"initial_action_range": 0.2, "action_range_fraction": 0.5}, env, seed=0)
    agent._current_progress_remaining = 0.9
    for spent, expected in ((0.0, 0.2 + 0.8 * 0.2), (0.25, 0.6), (0.5, 1.0), (1.3, 1.0)):
        agent.budget_spent = lambda spent=spent: spent
        assert agent._action_range() == pytest.approx(expected)


def test_the_gaussian_s_last_layers_begin_near_zero(env: VecEnv) -> None:
    agent = make_agent("sac", {**GAUSSIAN, "policy_kwargs": {"log_std_init": -1.0}}, env, seed=0)
    observations = np.random.default_rng(0).standard_normal((200, 3)).astype(np.float32)
    distribution = plain_apply(agent.policy.actor_state.apply_fn.__self__)(
        agent.policy.actor_state.params, observations
    )
    assert np.abs(distribution.mean()).max() < 0.1
    np.testing.assert_allclose(distribution.stddev(), np.exp(-1), rtol=0.1)
