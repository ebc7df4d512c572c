"""How good a trained agent is: the mean return of many episodes."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from objectives.action_bounds import all_finite
from objectives.environments import ending, robot_velocities, terrain_curriculum
from objectives.environments.on_device import Stepped, step_on_device
from objectives.environments.time_limit import LONGEST_EPISODE, episode_limit
from objectives.errors import DivergedError, refuse_non_finite
from objectives.run_result import Evaluation, TerrainCell, VelocityTracking
from objectives.velocity_tracking import EpisodeVelocities, mean_tracking

UNFINISHED = "unfinished"
"""The ending of an episode that was not waited for."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One that counts."""

    episode_return: float
    length: int
    timed_out: bool
    unfinished: bool
    success: bool | None
    ground: tuple[str, int] | None
    """Kind and level, on a task with a terrain curriculum."""
    ending: str
    """What ended it: the task's own name of that where it has one (`base_contact`)."""
    velocity: VelocityTracking | None
    """None where the task commands none, or its numbers are not finite."""


def evaluate(agent: BaseAlgorithm, env: VecEnv, n_episodes: int, seed: int, deterministic: bool = True) -> Evaluation:
    """Evaluates the policy: `summary` of the episodes that `play_episodes` gives; arguments and errors are its own."""
    return summary(play_episodes(agent, env, n_episodes, seed, deterministic))


def play_episodes(
    agent: BaseAlgorithm,
    env: VecEnv,
    n_episodes: int,
    seed: int,
    deterministic: bool = True,
    on_actions: Callable[[NDArray[np.float32]], None] | None = None,
) -> list[Episode]:
    """Plays episodes in freshly reset environments.

    Each environment has a quota of episodes, so that short episodes are not counted more often than long ones. The
    quotas are even: Isaac Lab gives environments their terrain by number, and Stable-Baselines3's `evaluate_policy`
    with fewer episodes than environments looks at the last ones only. On a terrain with a curriculum all levels of all
    kinds of ground are looked at equally, wherever training got to, and nobody moves between them. Returns are the
    task's own, never normalized; normalization statistics are frozen.

    Args:
        agent: The trained agent.
        env: The training environment; where observations are normalized, `VecNormalize` is around it.
        n_episodes: Number of episodes over all environments.
        seed: Seeds the environments, the same for every run that is compared.
        deterministic: The policy's mean action; False: its samples.
        on_actions: Given, step by step, the actions of the environments whose episodes count, shape
            `(up to num_envs, action_dim)`, in the units of `env`.

    Raises:
        DivergedError: A number on the way is not finite.
    """
    terrain = terrain_curriculum(env)
    env.seed(seed)
    with frozen(env), nullcontext() if terrain is None else terrain.grid():
        return list(_episodes(agent, env, even_quotas(n_episodes, env.num_envs), deterministic, on_actions))


def summary(episodes: list[Episode]) -> Evaluation:
    """What the episodes say of the policy.

    Raises:
        DivergedError: A return, or its square, is not finite.
    """
    returns = [episode.episode_return for episode in episodes]
    _refuse_non_finite(returns)
    successes = [episode.success for episode in episodes if episode.success is not None]
    return Evaluation(
        mean_return=float(np.mean(returns)),
        std_return=float(np.std(returns)),
        iqm_return=interquartile_mean(returns),
        n_episodes=len(returns),
        mean_episode_length=float(np.mean([episode.length for episode in episodes])),
        timeout_rate=_timeout_rate(episodes),
        n_unfinished=sum(episode.unfinished for episode in episodes),
        success_rate=float(np.mean(successes)) if successes else None,
        terrain=_by_ground(episodes),
        endings=dict(Counter(episode.ending for episode in episodes).most_common()),
        velocity=mean_tracking([episode.velocity for episode in episodes]),
    )


def interquartile_mean(values: Sequence[float]) -> float:
    """The mean of the middle half: `scipy.stats.trim_mean(values, 0.25)`, which a runner would load for a second."""
    cut = len(values) // 4
    return float(np.mean(np.sort(values)[cut : len(values) - cut]))


@contextmanager
def frozen(env: VecEnv) -> Iterator[None]:
    """Keeps the normalization statistics as they are, and rewards the task's own, while the context lasts."""
    if not isinstance(env, VecNormalize):
        yield
        return
    before = env.training, env.norm_reward
    env.training, env.norm_reward = False, False
    try:
        yield
    finally:
        env.training, env.norm_reward = before


def _refuse_non_finite(returns: list[float]) -> None:
    """Raises a `DivergedError` unless the returns and their squares are finite in the agent's own precision.

    A loss is the square of an error in returns: where squares overflow, nothing was learned.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.square(np.array(returns, np.float32))
    if not np.isfinite(squares).all():
        raise DivergedError("evaluation returns, or the squares that losses are made of, are not finite numbers")


def even_quotas(n_episodes: int, n_envs: int) -> NDArray[np.int64]:
    """How many episodes of each environment count: that of environment i is (i+1)*E//N - i*E//N. Shape `(n_envs,)`."""
    return np.diff(np.arange(n_envs + 1, dtype=np.int64) * n_episodes // n_envs)


def _episodes(
    agent: BaseAlgorithm,
    env: VecEnv,
    quotas: NDArray[np.int64],
    deterministic: bool,
    on_actions: Callable[[NDArray[np.float32]], None] | None,
) -> Iterator[Episode]:
    """Acts until each environment has ended its quota of episodes, and gives these as they end."""
    terrain = terrain_curriculum(env)
    grounds = None if terrain is None else list(zip(terrain.types, terrain.levels.tolist(), strict=True))
    longest = episode_limit(env) or LONGEST_EPISODE
    left = quotas.copy()
    lengths = np.zeros(env.num_envs, np.int64)
    returns = np.zeros(env.num_envs)
    velocities = EpisodeVelocities(env.num_envs)
    observations = env.reset()
    steps = count()
    while left.any():
        if not deterministic:
            draw_noise_as_in_training(agent, next(steps), env.num_envs)
        seen = robot_velocities(env)
        if seen is not None:
            velocities.add(seen)
        actions, observations, step = act(agent, env, observations, deterministic)
        if on_actions is not None:
            on_actions(actions[left > 0])
        timed_out = np.asarray(step.truncated)
        dones = timed_out | np.asarray(step.terminated)
        success = np.full(env.num_envs, np.nan) if step.success is None else np.asarray(step.success)
        lengths += 1
        returns += np.asarray(step.rewards)
        for number in np.flatnonzero((dones | (lengths > longest)) & (left > 0)):
            unfinished = not dones[number]
            # An environment that ends no episode now will end no other.
            left[number] = 0 if unfinished else left[number] - 1
            yield Episode(
                episode_return=float(returns[number]),
                length=int(lengths[number]),
                timed_out=bool(timed_out[number]),
                unfinished=unfinished,
                success=None if np.isnan(success[number]) else bool(success[number]),
                ground=None if grounds is None else grounds[number],
                ending=UNFINISHED if unfinished else ending(env, int(number), bool(timed_out[number])),
                velocity=None if seen is None else velocities.of_episode(int(number), int(lengths[number])),
            )
        lengths[dones], returns[dones] = 0, 0.0
        velocities.begin(dones)


def draw_noise_as_in_training(agent: BaseAlgorithm, step: int, n_envs: int) -> None:
    """Before step `step` of a policy's samples: gSDE draws its noise anew as often as in training.

    Nothing else does: `predict` goes on with the noise there is, the same numbers for a robot's whole evaluation.
    """
    if not agent.use_sde:
        return
    in_rollout = step % (agent.train_freq.frequency if hasattr(agent, "train_freq") else agent.n_steps)
    if in_rollout == 0 or (agent.sde_sample_freq > 0 and in_rollout % agent.sde_sample_freq == 0):
        agent.policy.reset_noise(n_envs)


def act(
    agent: BaseAlgorithm, env: VecEnv, observations: Any, deterministic: bool
) -> tuple[NDArray[np.float32], Any, Stepped]:
    """One step of all environments: the policy's actions, the next observations as the agent sees them, and the step.

    Raises:
        DivergedError: The actions, or what the simulator answered, are not finite.
    """
    actions, _ = agent.predict(observations, deterministic=deterministic)
    refuse_non_finite(bool(np.isfinite(actions).all()), True)
    step = step_on_device(env, jnp.array(actions))
    following = jax.tree.map(np.asarray, step.observations)
    refuse_non_finite(True, all_finite(following, np.asarray(step.rewards)))
    return actions, env.normalize_obs(following) if isinstance(env, VecNormalize) else following, step


def _by_ground(episodes: list[Episode]) -> tuple[TerrainCell, ...]:
    placed = sorted((episode for episode in episodes if episode.ground is not None), key=_ground)
    return tuple(_cell(*ground, list(group)) for ground, group in groupby(placed, key=_ground))


def _ground(episode: Episode) -> tuple[str, int]:
    assert episode.ground is not None
    return episode.ground


def _cell(terrain: str, level: int, episodes: list[Episode]) -> TerrainCell:
    return TerrainCell(
        terrain=terrain,
        level=level,
        n_episodes=len(episodes),
        mean_return=float(np.mean([episode.episode_return for episode in episodes])),
        timeout_rate=_timeout_rate(episodes),
    )


def _timeout_rate(episodes: list[Episode]) -> float:
    return float(np.mean([episode.timed_out for episode in episodes]))
