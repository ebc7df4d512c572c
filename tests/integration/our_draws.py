"""sbx's agents with our random numbers, on everything else of Stable-Baselines3's: its rollouts, buffers, wrappers."""

from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp
import numpy as np
from stable_baselines3.common.buffers import NStepReplayBuffer, ReplayBuffer

from objectives.agents.chunked_training import CHUNK
from objectives.agents.device_rollouts import exploration_of, explored
from objectives.agents.random_streams import Stream, first_key
from objectives.agents.replay_ring import draw
from objectives.agents.shared_parts import on_device


def with_our_draws(algorithm: Any) -> Any:
    """sbx's `algorithm`, whose random actions and draws from its replay buffer are those of ours.

    For at most `CHUNK` gradient steps a `train`, since sbx draws for all of them at once.
    """

    class SameDraws(algorithm):  # type: ignore[misc]
        def _setup_model(self) -> None:
            self.replay_buffer_class = _NStep if self.n_steps > 1 else _OneStep
            self.replay_buffer_kwargs = {"n_steps": self.n_steps, "gamma": self.gamma} if self.n_steps > 1 else {}
            super()._setup_model()
            self.replay_buffer.draw_key = first_key(self.seed, Stream.DRAWS)
            self.action_key = first_key(self.seed, Stream.EXPLORATION)
            assert self.gradient_steps <= CHUNK

        def _sample_action(self, learning_starts: int, *_: Any) -> tuple[np.ndarray, np.ndarray]:
            at_random = self.num_timesteps < learning_starts and not (self.use_sde and self.use_sde_at_warmup)
            actions = self.policy._predict(jnp.array(self._last_obs, jnp.float32), deterministic=False)
            exploration = exploration_of(self.action_space, self.action_noise, squashed=True)
            chosen, self.action_key = explored(
                actions, self.action_key, on_device(int(at_random)), on_device(1.0), exploration
            )
            return np.array(chosen.in_units), np.array(chosen.stored)

    return SameDraws


class _OurDraws(ReplayBuffer):
    draw_key: jax.Array

    def sample(self, batch_size: int, env: Any = None) -> Any:
        self.draw_key, used = jax.random.split(self.draw_key)
        filled = self.buffer_size if self.full else self.pos
        rows, envs = np.divmod(np.array(draw(used, batch_size, jnp.int32(filled * self.n_envs))), self.n_envs)
        with mock.patch.object(np.random, "randint", return_value=envs):
            return self._get_samples(rows, env=env)


class _OneStep(_OurDraws):
    pass


class _NStep(_OurDraws, NStepReplayBuffer):
    pass
