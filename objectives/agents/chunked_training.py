"""Off-policy training in chunks: any number of gradient steps from two programs, and a clock that is read between."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import numpy as np
from sbx.common.off_policy_algorithm import OffPolicyAlgorithmJax
from sbx.common.type_aliases import ReplayBufferSamplesNp

from objectives.agents.shared_parts import set_learning_rate

CHUNK = 16
"""Gradient steps a call of the compiled program. Large enough that calling costs nothing, small enough that a chunk's
data fits beside the simulator (16 * 4096 transitions at most) and that the clock can be read between chunks. Any
number of gradient steps needs two programs at most: the chunk and the remainder."""


class ChunkedTraining(OffPolicyAlgorithmJax):
    """Does the gradient steps of one `train` in chunks, each with its own draw from the replay buffer.

    To be mixed in before an algorithm of sbx, whose `_train` is then called with chunks.
    """

    loss_names: ClassVar[tuple[str, ...]]
    """What the losses of a chunk are logged as."""

    stop_training: Callable[[], bool] | None = None
    """Asked between two chunks of gradient steps; True ends `train` early. `_n_updates` counts what was done."""

    @abstractmethod
    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        """Does `steps` updates with `data`; gives the losses, which may still be computed."""

    def _critic_optimizers(self) -> list[Any]:
        return [self.policy.qf_state.opt_state]

    def train(self, gradient_steps: int, batch_size: int) -> None:
        """Does `gradient_steps` updates on batches of `batch_size`, or fewer if `stop_training` says so."""
        learning_rate = self.lr_schedule(self._current_progress_remaining)
        self._update_learning_rate(self.policy.actor_state.opt_state, learning_rate, "learning_rate_actor")
        self._update_learning_rate(
            self._critic_optimizers(), self.initial_qf_learning_rate or learning_rate, "learning_rate_critic"
        )
        self._maybe_reset_params()

        losses: Any = None
        done = 0
        while done < gradient_steps:
            steps = min(CHUNK, gradient_steps - done)
            data = self._sample(steps * batch_size)  # while the device still computes the previous chunk
            if losses is not None:
                # One chunk at a time on the device: bounded memory, and a clock that counts only what has been done.
                jax.block_until_ready(losses)
                if self.stop_training is not None and self.stop_training():
                    break
            losses = self._train_chunk(steps, data)
            self._n_updates += steps
            done += steps
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        for name, loss in zip(self.loss_names, losses, strict=True):
            self.logger.record(f"train/{name}", loss.item())

    def _delay(self) -> tuple[np.int32, np.int32]:
        """The policy delay, and how far into it the next update is; traced, so that one program serves all."""
        return np.int32(self.policy_delay), np.int32((self._n_updates + 1) % self.policy_delay)

    def _sample(self, transitions: int) -> ReplayBufferSamplesNp:
        assert self.replay_buffer is not None
        samples = self.replay_buffer.sample(transitions, env=self._vec_normalize_env)
        observations, next_observations = (
            np.concatenate([part[key].numpy() for key in self.observation_space], axis=1)
            if isinstance(part, dict)
            else part.numpy()
            for part in (samples.observations, samples.next_observations)
        )
        # With n-step returns the buffer knows how many steps each discount spans.
        discounts = (
            np.full(transitions, self.gamma, np.float32)
            if samples.discounts is None
            else samples.discounts.numpy().flatten()
        )
        return ReplayBufferSamplesNp(
            observations,
            samples.actions.numpy(),
            next_observations,
            samples.dones.numpy().flatten(),
            samples.rewards.numpy().flatten(),
            discounts,
        )

    def _update_learning_rate(self, optimizers: Any, learning_rate: float, name: str = "learning_rate") -> None:
        self.logger.record(f"train/{name}", learning_rate)
        for optimizer in optimizers if isinstance(optimizers, list) else [optimizers]:
            set_learning_rate(optimizer, learning_rate)

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "stop_training"]


def traced_delay(algorithm: Any, *static: str) -> Any:
    """The `_train` of sbx's `algorithm`, compiled again with policy delay and its offset as traced values."""
    return classmethod(
        jax.jit(algorithm.__dict__["_train"].__func__.__wrapped__, static_argnames=("cls", "gradient_steps", *static))
    )
