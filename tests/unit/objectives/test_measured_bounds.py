from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from objectives.bounds.measured_bounds import LEAST_WIDTH, load_actions, measured_bounds, save_actions
from objectives.bounds.picture import save_picture, squashed_density, squashed_mass
from objectives.bounds.recording import Recording
from objectives.errors import ConfigurationError
from objectives.ppo_settings import default_settings, isaaclab_settings
from objectives.run_result import Evaluation
from objectives.run_spec import ActionBounds

ONE, FOUR, INFINITE = (np.full(1, limit, np.float32) for limit in (1, 4, np.inf))


def gaussian(*means: float, std: float = 1.0, n: int = 100_000) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(means, std, (n, len(means))).astype(np.float32)


def test_bounds_are_the_percentiles_of_each_dimension() -> None:
    space = np.full(2, 10, np.float32)
    bounds = measured_bounds(gaussian(0, 3, std=0.5), 2.5, -space, space)
    # Quantiles of a normal distribution; of 100 000 draws they are off by less than 0.01 standard deviations, mostly.
    reach = 0.5 * stats.norm.ppf(0.975)
    assert bounds.low == pytest.approx([-reach, 3 - reach], abs=0.02)
    assert bounds.high == pytest.approx([reach, 3 + reach], abs=0.02)
    assert bounds.share == pytest.approx((bounds.high - bounds.low) / 20)
    assert bounds.clipped == pytest.approx([0.05, 0.05], abs=1e-3)
    assert not bounds.widened.any()


def test_a_smaller_percentile_gives_wider_bounds_and_zero_gives_all_actions() -> None:
    actions = gaussian(0)
    widths = [measured_bounds(actions, p, -10 * ONE, 10 * ONE) for p in (2.5, 0.5, 0)]
    assert [b.high[0] - b.low[0] for b in widths] == sorted(b.high[0] - b.low[0] for b in widths)
    assert widths[-1].high[0] == pytest.approx(actions.max(), abs=0.01)


def test_an_unbounded_space_has_no_share() -> None:
    assert np.isnan(measured_bounds(gaussian(0), 2.5, -INFINITE, INFINITE).share).all()


@pytest.mark.parametrize("value", [0.0, 4.0, -4.0, 3.99])
def test_a_dimension_that_does_not_move_is_widened_inside_its_space(value: float) -> None:
    bounds = measured_bounds(np.full((100, 1), value, np.float32), 2.5, -FOUR, FOUR)
    assert bounds.widened.tolist() == [True]
    assert -4 <= bounds.low[0] < bounds.high[0] <= 4
    assert bounds.low[0] <= value <= bounds.high[0]
    assert bounds.high[0] - bounds.low[0] == pytest.approx(0.08, rel=0.01)  # a hundredth of the space
    ActionBounds(low=bounds.low.tolist(), high=bounds.high.tolist())


def test_a_dimension_that_does_not_move_in_an_unbounded_space_is_widened() -> None:
    bounds = measured_bounds(np.full((100, 1), 7, np.float32), 2.5, -INFINITE, INFINITE)
    assert (bounds.low[0], bounds.high[0]) == pytest.approx((7 - LEAST_WIDTH / 2, 7 + LEAST_WIDTH / 2))


def test_a_space_without_choice_is_refused_by_its_dimension() -> None:
    space = np.array([1, 0], np.float32)
    with pytest.raises(ConfigurationError, match="dimension 1 has no width"):
        measured_bounds(gaussian(0, 0), 2.5, -space, space)
    with pytest.raises(ConfigurationError, match="action calf has no width"):
        measured_bounds(gaussian(0, 0), 2.5, -space, space, ("hip", "calf"))


def test_recorded_actions_survive_their_file_with_an_unbounded_space(tmp_path: Path) -> None:
    actions = gaussian(0, n=10)
    save_actions(tmp_path / "actions.npz", actions, -INFINITE, INFINITE)
    loaded, low, high = load_actions(tmp_path / "actions.npz")
    assert np.array_equal(loaded, actions)
    assert (low[0], high[0]) == (-np.inf, np.inf)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (-100.0, 100.0), (0.5, 3.0)])
def test_the_density_of_a_squashed_gaussian_is_one(low: float, high: float) -> None:
    # Substituting the place in the unit interval keeps the edges, where the density falls to 0, well resolved.
    at = low + (np.tanh(np.linspace(-6, 6, 20_001)) + 1) / 2 * (high - low)
    assert integrate.trapezoid(squashed_density(at, low, high), at) == pytest.approx(1, abs=1e-3)
    draws = low + (np.tanh(gaussian(0)) + 1) / 2 * (high - low)
    inner = (low + 0.3 * (high - low), low + 0.4 * (high - low))
    observed = ((draws > inner[0]) & (draws < inner[1])).mean()
    assert squashed_mass(*inner, low, high) == pytest.approx(observed, abs=0.005)


def test_the_picture_is_drawn_for_actions_at_a_limit_and_for_unbounded_ones(tmp_path: Path) -> None:
    actions = np.column_stack([gaussian(0, n=1000)[:, 0], np.full(1000, 4, np.float32)])
    low, high = np.array([-np.inf, -4], np.float32), np.array([np.inf, 4], np.float32)
    bounds = measured_bounds(actions, 2.5, low, high)
    for names in (None, ("RL_hip_joint", "pose[0]")):
        save_picture(tmp_path / "p.png", actions, bounds, low, high, "title", names)
        assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


ISAAC: dict[str, Any] = {
    "seed": 42,
    "n_timesteps": 5e7,
    "device": "cuda:0",
    "policy": "MlpPolicy",
    "n_steps": 24,
    "n_minibatches": 4,
    "learning_rate": "lin_3e-4",
    "policy_kwargs": {"activation_fn": "nn.ELU", "net_arch": [512, 256, 128], "optimizer_kwargs": {"eps": 1e-8}},
    "normalize_input": True,
    "normalize_value": True,
    "clip_obs": 5.0,
}


def test_isaac_labs_configuration_becomes_plain_hyperparameters_and_loses_nothing_silently() -> None:
    settings = isaaclab_settings(ISAAC)
    assert settings.hyperparameters == {
        "policy": "MlpPolicy",
        "n_steps": 24,
        "n_minibatches": 4,
        "learning_rate": 3e-4,
        "policy_kwargs": {"activation_fn": "elu", "net_arch": [512, 256, 128], "optimizer_kwargs": {"eps": 1e-8}},
    }
    assert (settings.normalize, settings.normalize_rewards, settings.clip_observations) == (True, True, 5.0)
    assert len(settings.notes) == 1
    assert "learning_rate stays at 0.0003" in settings.notes[0]
    assert ISAAC["learning_rate"] == "lin_3e-4"  # what Isaac Lab gave is as it was


def test_a_configuration_without_normalization_trains_without() -> None:
    assert not isaaclab_settings({"n_steps": 16}).normalize


@pytest.mark.parametrize(("n_envs", "n_steps"), [(1, 2048), (8, 256), (64, 32), (1024, 24)])
def test_default_rollouts_hold_enough_transitions(n_envs: int, n_steps: int) -> None:
    assert default_settings(n_envs).hyperparameters["n_steps"] == n_steps


def evaluation(mean: float, std: float) -> Evaluation:
    return Evaluation(
        mean_return=mean, std_return=std, iqm_return=mean, n_episodes=64, mean_episode_length=1, timeout_rate=0,
        success_rate=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("trained", "untrained", "learned"),
    [
        (evaluation(10, 1), evaluation(0, 1), True),
        (evaluation(0.1, 1), evaluation(0, 1), False),  # standard error of the difference: 0.18
        (evaluation(-1, 0), evaluation(-1, 0), False),
        (evaluation(-5, 1), evaluation(0, 1), False),
    ],
)
def test_only_a_clearly_better_policy_counts_as_trained(
    trained: Evaluation, untrained: Evaluation, learned: bool
) -> None:
    recording = Recording(
        actions_path="x", steps=1, recording_s=1, noise_std=None, policy="PPO", notes=(), hyperparameters=None,
        training=None, evaluation=trained, untrained=untrained,
    )  # fmt: skip
    assert recording.learned() is learned
