"""How an off-policy agent collects experience: a step of all environments moves no array to the host.

Stable-Baselines3's `collect_rollouts` does the same on numpy arrays, with loops over environments whose cost grows with
the number of episodes that end.
"""

from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from sbx.common.off_policy_algorithm import OffPolicyAlgorithmJax
from stable_baselines3.common.base_class import MaybeCallback
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.noise import ActionNoise
from stable_baselines3.common.type_aliases import RolloutReturn, TrainFreq, TrainFrequencyUnit
from stable_baselines3.common.utils import should_collect_more_steps
from stable_baselines3.common.vec_env import VecEnv

from objectives.agents.episode_statistics import EpisodeStatistics, after_step, all_begin_anew, no_episodes
from objectives.agents.random_streams import Stream, first_key
from objectives.agents.replay_ring import ReplayRing, Stored, Transitions, with_row
from objectives.agents.running_normalization import (
    Normalization,
    NormalizationRules,
    normalized,
    read_normalization,
    rules_of,
    updated,
    write_normalization,
)
from objectives.agents.shared_parts import committed, on_device
from objectives.environments.on_device import Stepped, step_on_device
from objectives.errors import refuse_non_finite


class Rollout(NamedTuple):
    """What a step of the environments changes beside the replay buffer."""

    observations: jax.Array
    """The latest, as the task gives them, shape `(n_envs, ...)`."""
    seen: jax.Array
    """The same as the agent sees them."""
    normalization: Normalization
    episodes: EpisodeStatistics
    finite: jax.Array
    """Whether the latest actions, and what the simulator answered, were finite; shape `(2,)`."""
    key: jax.Array
    """Of random actions and exploration noise."""


class DeviceRollouts(OffPolicyAlgorithmJax):
    """Collects experience on the device; to be mixed in before an algorithm of sbx.

    Actions that are not finite never reach the simulator.

    Raises:
        DivergedError: From `learn`, a step later: actions were not finite.
        SimulatorFaultError: From `learn`, a step later: observations or rewards were not finite.
    """

    replay_buffer: ReplayRing
    rollout: Rollout
    rules: NormalizationRules
    exploration: "Exploration"

    def _setup_model(self) -> None:
        self.replay_buffer_class = ReplayRing
        super()._setup_model()
        env = self.get_vec_normalize_env()
        if env is not None:
            # As the task gives them: `VecNormalize` would have the bytes of an image stored as floats.
            space = env.venv.observation_space
            self.replay_buffer = ReplayRing(self.buffer_size, space, self.action_space, n_envs=self.n_envs)

    def _setup_learn(
        self, total_timesteps: int, callback: MaybeCallback = None, reset_num_timesteps: bool = True, *others: Any
    ) -> tuple[int, BaseCallback]:
        goes_on = not reset_num_timesteps and self._last_obs is not None and "rollout" in vars(self)
        total_timesteps, callback = super()._setup_learn(total_timesteps, callback, reset_num_timesteps, *others)
        if not goes_on:
            self.begin_episodes()
        return total_timesteps, callback

    def begin_episodes(self) -> None:
        """Takes the environments as they are after their reset, with what their `VecNormalize` knows by now."""
        env = self.get_vec_normalize_env()
        observations = jnp.array(self._last_obs if env is None else env.get_original_obs())
        earlier: Rollout | None = getattr(self, "rollout", None)
        self.rules = rules_of(env)
        self.exploration = exploration_of(self.action_space, self.action_noise, self.policy.squash_output)
        normalization = read_normalization(env, observations.shape[1:], self.n_envs)
        begun = no_episodes(self.n_envs, self._stats_window_size)
        self.rollout = committed(
            Rollout(
                observations,
                _normalized(observations, normalization, self.rules),
                normalization,
                begun if earlier is None else all_begin_anew(earlier.episodes),
                jnp.ones(2, bool),
                first_key(self.seed, Stream.EXPLORATION) if earlier is None else earlier.key,
            )
        )

    def write_normalization(self) -> None:
        """Gives the environments' `VecNormalize`, which sees no step, the statistics of all steps."""
        env = self.get_vec_normalize_env()
        if env is not None and "rollout" in vars(self):
            write_normalization(self.rollout.normalization, env)

    def learn(self, total_timesteps: int, callback: MaybeCallback = None, **others: Any) -> Any:
        """Trains for so many steps of the environments; nothing is logged, and episodes are in `rollout.episodes`."""
        try:
            super().learn(total_timesteps, callback, **others)
            refuse_non_finite(*jax.device_get(self.rollout.finite).tolist())
        finally:
            self.write_normalization()
        return self

    def collect_rollouts(
        self,
        env: VecEnv,
        callback: BaseCallback,
        train_freq: TrainFreq,
        replay_buffer: ReplayRing,
        action_noise: ActionNoise | None = None,  # noqa: ARG002  (its standard deviation is drawn with here)
        learning_starts: int = 0,
        log_interval: int | None = None,  # noqa: ARG002
    ) -> RolloutReturn:
        """Steps all environments as often as `train_freq` says, and stores what they do."""
        steps, ended_before = 0, self._n_ended(train_freq)
        if self.use_sde:
            self.actor.reset_noise(env.num_envs)
        callback.on_rollout_start()
        while should_collect_more_steps(train_freq, steps, self._n_ended(train_freq) - ended_before):
            if self.use_sde and self.sde_sample_freq > 0 and steps % self.sde_sample_freq == 0:
                self.actor.reset_noise(env.num_envs)
            chosen = self._choose_actions(learning_starts)
            # A step late, when it is there: waiting for this one's would be waiting for the device.
            refuse_non_finite(*jax.device_get(self.rollout.finite).tolist())
            step = step_on_device(env, chosen.in_units)
            self.num_timesteps += env.num_envs
            steps += 1
            if not callback.on_step():
                return RolloutReturn(steps * env.num_envs, 0, continue_training=False)
            replay_buffer.stored, self.rollout = _recorded(
                replay_buffer.stored, self.rollout, chosen, self._with_success(step), self.rules
            )
            self._update_current_progress_remaining(self.num_timesteps, self._total_timesteps)
        callback.on_rollout_end()
        return RolloutReturn(steps * env.num_envs, 0, continue_training=True)

    def _with_success(self, step: Stepped) -> Stepped:
        """`step` with an array whether or not the task says something: one program for both."""
        return step if step.success is not None else step._replace(success=nothing_said(self.n_envs))

    def _n_ended(self, train_freq: TrainFreq) -> int:
        """Episodes so far, where the frequency is one of episodes: to know costs a wait for the device."""
        return int(self.rollout.episodes.n_ended) if train_freq.unit == TrainFrequencyUnit.EPISODE else 0

    def _choose_actions(self, learning_starts: int) -> "Chosen":
        rollout = self.rollout
        at_random = self.num_timesteps < learning_starts and not (self.use_sde and self.use_sde_at_warmup)
        actions = self.policy._predict(rollout.seen, deterministic=False)
        reach = on_device(self._action_range())
        chosen, key = explored(actions, rollout.key, on_device(int(at_random)), reach, self.exploration)
        self.rollout = rollout._replace(key=key)
        return chosen

    def _action_range(self) -> float:
        """How far actions reach now, where 1 are the bounds."""
        return 1.0

    def _excluded_save_params(self) -> list[str]:
        # Without our replay buffer's class a saved agent is one that plain sbx goes on with.
        ours = ["rollout", "rules", "exploration", "replay_buffer_class"]
        return [*super()._excluded_save_params(), *ours]


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class Exploration:
    """How actions are varied, and the bounds of the action space."""

    squashed: bool = field(metadata={"static": True})
    """Whether the bounds are limits of the policy's actions, too."""
    noise_std: jax.Array
    low: jax.Array
    high: jax.Array


class Chosen(NamedTuple):
    """Actions of all environments."""

    stored: jax.Array
    """-1 and 1 are the bounds, shape `(n_envs, action_dim)`."""
    in_units: jax.Array
    """Of the action space, and of its shape: `(n_envs, ...)`."""
    finite: jax.Array


def exploration_of(action_space: Any, action_noise: ActionNoise | None, squashed: bool) -> Exploration:
    """For a Box, with noise that has a standard deviation (`ExplorationNoise`), or none."""
    numbers = getattr(action_noise, "std", 0.0), action_space.low, action_space.high
    return Exploration(squashed, *(jnp.array(number, jnp.float32) for number in numbers))


@jax.jit
def explored(
    actions: jax.Array, key: jax.Array, at_random: jax.Array, reach: jax.Array, exploration: Exploration
) -> tuple[Chosen, jax.Array]:
    """The policy's actions with Gaussian noise or, before learning starts, uniform ones as far as `reach`.

    An unbounded policy has no space to draw from uniformly: it begins with its own actions.
    """
    key, noise_key, uniform_key = jax.random.split(key, 3)
    finite = jnp.isfinite(actions).all()
    noise = reach * exploration.noise_std * jax.random.normal(noise_key, actions.shape)
    if exploration.squashed:
        uniform = reach * jax.random.uniform(uniform_key, actions.shape, minval=-1.0, maxval=1.0)
        chosen = jnp.clip(jnp.where(at_random, uniform, jnp.nan_to_num(actions)) + noise, -reach, reach)
    else:
        chosen = jnp.nan_to_num(actions, posinf=0.0, neginf=0.0) + noise
    low, high = exploration.low, exploration.high
    shaped = chosen.reshape(-1, *low.shape)
    return Chosen(chosen, low + 0.5 * (shaped + 1.0) * (high - low), finite), key


@lru_cache(maxsize=8)
def nothing_said(n_envs: int) -> jax.Array:
    """The success of episodes whose task does not say."""
    return committed(jnp.full(n_envs, jnp.nan))


@partial(jax.jit, donate_argnums=0)
def _recorded(
    stored: Stored, rollout: Rollout, chosen: Chosen, step: Stepped, rules: NormalizationRules
) -> tuple[Stored, Rollout]:
    """Replay buffer and rollout after one step of all environments."""
    assert step.success is not None  # `_with_success`
    dones = step.terminated | step.truncated
    row = Transitions(rollout.observations, step.last_observations, chosen.stored, step.rewards, dones, step.truncated)
    normalization = updated(rollout.normalization, step.observations, step.rewards, dones, rules)
    answered = [jnp.isfinite(part).all() for part in (step.observations, step.last_observations, step.rewards)]
    after = Rollout(
        step.observations,
        normalized(step.observations, normalization, rules),
        normalization,
        after_step(rollout.episodes, step.rewards, dones, step.success),
        jnp.stack([chosen.finite, jnp.stack(answered).all()]),
        rollout.key,
    )
    return with_row(stored, row), after


@jax.jit
def _normalized(observations: jax.Array, normalization: Normalization, rules: NormalizationRules) -> jax.Array:
    return normalized(observations, normalization, rules)
