"""SAC as in sbx, with programs that are compiled once per shape and shared by all agents of a process."""

from collections.abc import Callable
from typing import Any, ClassVar

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import sbx
from flax.training.train_state import TrainState
from sbx.common.type_aliases import ReplayBufferSamplesNp
from sbx.sac.policies import SACPolicy
from sbx.sac.sac import EntropyCoef

from objectives.agents.shared_policies import (
    SharedSACPolicy,
    SharedSimbaSACPolicy,
    set_learning_rate,
    shared_module,
    shared_optimizer,
    train_state,
)

CHUNK = 16
"""Gradient steps a call of the compiled program. Large enough that calling costs nothing, small enough that a chunk's
data fits beside the simulator (16 * 4096 transitions at most) and that the clock can be read between chunks. Any
number of gradient steps needs two programs at most: the chunk and the remainder."""


class SAC(sbx.SAC):
    """sbx's SAC: same arguments, same updates.

    Two differences in how, none in what: learning rates, policy delay and entropy coefficient are traced, so that
    agents which differ only in those share their programs; and the gradient steps of one `train` are done in chunks,
    each with its own draw from the replay buffer.
    """

    policy_aliases: ClassVar[dict[str, type[SACPolicy]]] = {
        "MlpPolicy": SharedSACPolicy,
        "SimbaPolicy": SharedSimbaSACPolicy,
        "MultiInputPolicy": SharedSACPolicy,
    }

    target_entropy: np.float32
    ent_coef_state: TrainState
    key: jax.Array

    stop_training: Callable[[], bool] | None = None
    """Asked between two chunks of gradient steps; True ends `train` early. `_n_updates` counts what was done."""

    # sbx's own function, compiled again with policy delay and its offset as traced values.
    _train = classmethod(
        jax.jit(sbx.SAC.__dict__["_train"].__func__.__wrapped__, static_argnames=("cls", "gradient_steps"))
    )

    def _setup_model(self) -> None:
        loaded = getattr(self, "policy", None) is not None
        super()._setup_model()
        # A loaded agent's own copy of `actor` belongs to a copy of its policy.
        self.actor = self.policy.actor
        self.target_entropy = np.float32(self.target_entropy)
        if not loaded:
            self._share_entropy_coefficient()

    def _share_entropy_coefficient(self) -> None:
        module = shared_module(EntropyCoef if isinstance(self.ent_coef, EntropyCoef) else FixedEntropyCoef)
        self.ent_coef_state = train_state(
            TrainState,
            module,
            {name: np.float32(value) for name, value in self.ent_coef_state.params.items()},
            shared_optimizer(optax.adam),
            self.lr_schedule(1),
        )

    def train(self, gradient_steps: int, batch_size: int) -> None:
        """Does `gradient_steps` updates on batches of `batch_size`, or fewer if `stop_training` says so."""
        learning_rate = self.lr_schedule(self._current_progress_remaining)
        self._update_learning_rate(self.policy.actor_state.opt_state, learning_rate, "learning_rate_actor")
        self._update_learning_rate(
            self.policy.qf_state.opt_state, self.initial_qf_learning_rate or learning_rate, "learning_rate_critic"
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
        self._log(losses)

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

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        self.policy.qf_state, self.policy.actor_state, self.ent_coef_state, self.key, losses = self._train(
            np.float32(self.tau),
            self.target_entropy,
            steps,
            data,
            np.int32(self.policy_delay),
            np.int32((self._n_updates + 1) % self.policy_delay),
            self.policy.qf_state,
            self.policy.actor_state,
            self.ent_coef_state,
            self.key,
        )
        return losses

    def _log(self, losses: Any) -> None:
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        for name, loss in zip(("actor_loss", "critic_loss", "ent_coef_loss", "ent_coef"), losses, strict=True):
            self.logger.record(f"train/{name}", loss.item())

    def _update_learning_rate(self, optimizers: Any, learning_rate: float, name: str = "learning_rate") -> None:
        self.logger.record(f"train/{name}", learning_rate)
        set_learning_rate(optimizers, learning_rate)

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "stop_training"]


class FixedEntropyCoef(nn.Module):
    """A constant entropy coefficient that is read from its parameter, so that it is no part of the program."""

    @nn.compact  # type: ignore[untyped-decorator]
    def __call__(self) -> jax.Array:
        """The coefficient; its gradient is zero, so that the optimizer leaves it alone."""
        return jax.lax.stop_gradient(self.param("dummy_param", lambda _: jnp.zeros(())))
