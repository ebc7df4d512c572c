"""The replay buffer on the device against Stable-Baselines3's: the same rows give the same numbers."""

from unittest import mock

import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st
from stable_baselines3.common.buffers import NStepReplayBuffer, ReplayBuffer
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from objectives.agents.replay_ring import ReplayRing, Transitions, gather, with_row
from objectives.agents.running_normalization import read_normalization, rules_of

OBSERVATIONS = spaces.Box(-np.inf, np.inf, (2,), np.float32)
ACTIONS = spaces.Box(-1, 1, (3,), np.float32)
GAMMA = 0.9
ENDS = ("goes on", "terminated", "time limit")

add = jax.jit(with_row, donate_argnums=0)
take = jax.jit(gather, static_argnames="n_steps")


class Shaped(gym.Env[np.ndarray, np.ndarray]):
    """Gives the normalization its shapes."""

    observation_space = OBSERVATIONS
    action_space = ACTIONS


def normalization(n_envs: int) -> VecNormalize:
    env = VecNormalize(DummyVecEnv([Shaped] * n_envs), clip_obs=1.5, clip_reward=1.2)
    env.obs_rms.mean, env.obs_rms.var, env.ret_rms.var = np.array([0.3, -0.2]), np.array([0.5, 2.0]), np.array(1.7)
    return env


@settings(max_examples=150, deadline=None)
@given(
    # Capacities that the number of environments does not divide, and one that is smaller than it.
    sizes=st.sampled_from([(1, 1), (5, 1), (7, 2), (2, 3), (20, 3)]),
    n_steps=st.sampled_from([1, 3]),
    ends=st.lists(st.tuples(*[st.sampled_from(ENDS)] * 3), min_size=1, max_size=25),
    seed=st.integers(0, 1000),
)
def test_any_sequence_of_steps_is_sampled_as_by_stable_baselines3(
    sizes: tuple[int, int], n_steps: int, ends: list[tuple[str, str, str]], seed: int
) -> None:
    capacity, n_envs = sizes
    env = normalization(n_envs)
    extra = {"n_steps": n_steps, "gamma": GAMMA} if n_steps > 1 else {}
    buffer_class = NStepReplayBuffer if n_steps > 1 else ReplayBuffer
    theirs = buffer_class(capacity, OBSERVATIONS, ACTIONS, device="cpu", n_envs=n_envs, **extra)
    ours = ReplayRing(capacity, OBSERVATIONS, ACTIONS, n_envs=n_envs)
    rng = np.random.default_rng(seed)
    for step in ends:
        observations, following = rng.normal(size=(2, n_envs, 2)).astype(np.float32)
        actions = rng.uniform(-1, 1, (n_envs, 3)).astype(np.float32)
        rewards = rng.normal(size=n_envs).astype(np.float32)
        dones = np.array([end != "goes on" for end in step[:n_envs]])
        timeouts = np.array([end == "time limit" for end in step[:n_envs]])
        infos = [{"TimeLimit.truncated": bool(timeout)} for timeout in timeouts]
        theirs.add(observations, following, actions, rewards, dones, infos)
        row = Transitions(*map(jnp.array, (observations, following, actions, rewards, dones, timeouts)))
        ours.stored = add(ours.stored, row)
    assert (ours.buffer_size, int(ours.stored.position)) == (theirs.buffer_size, theirs.pos)
    assert int(ours.stored.size) == theirs.size()

    rows, envs = (part.reshape(-1) for part in np.indices((ours.buffer_size, n_envs)))
    statistics, rules = read_normalization(env, (2,), n_envs), rules_of(env)
    mine = take(ours.stored, jnp.arange(len(rows)), jnp.float32(GAMMA), n_steps, statistics, rules)
    with mock.patch.object(np.random, "randint", return_value=envs):
        expected = theirs._get_samples(rows, env=env)
    filled = rows < int(ours.stored.size)
    discounts = np.full(len(rows), GAMMA) if expected.discounts is None else expected.discounts.numpy().flatten()
    for name, array in mine._asdict().items():
        reference = discounts if name == "discounts" else getattr(expected, name).numpy().reshape(array.shape)
        np.testing.assert_allclose(np.asarray(array)[filled], reference[filled], rtol=1e-5, atol=1e-6, err_msg=name)


def test_a_new_owner_of_the_memory_finds_it_empty() -> None:
    one, other = (ReplayRing(8, OBSERVATIONS, ACTIONS, n_envs=2) for _ in range(2))
    zeros = Transitions(*(jnp.zeros(shape) for shape in ((2, 2), (2, 2), (2, 3), (2,), (2,), (2,))))
    one.stored = add(one.stored, zeros)
    other.take_memory(one)
    assert (int(other.stored.size), int(other.stored.position)) == (0, 0)


def test_an_evaluation_cuts_the_episodes_that_go_on_and_a_fall_stays_a_fall() -> None:
    ring = ReplayRing(6, OBSERVATIONS, ACTIONS, n_envs=3)
    dones, timeouts = jnp.array([False, True, True]), jnp.array([False, False, True])
    parts = (jnp.zeros((3, 2)), jnp.zeros((3, 2)), jnp.zeros((3, 3)), jnp.zeros(3), dones, timeouts)
    ring.stored = add(ring.stored, Transitions(*parts))
    ring.end_latest()
    assert ring.stored.transitions.dones[0].tolist() == [True, True, True]
    assert ring.stored.transitions.timeouts[0].tolist() == [True, False, True]


def test_less_memory_by_forgetting_last_observations_is_refused() -> None:
    with pytest.raises(ValueError, match="optimize_memory_usage"):
        ReplayRing(8, OBSERVATIONS, ACTIONS, optimize_memory_usage=True)
