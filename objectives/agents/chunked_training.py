"""Off-policy training in chunks: any number of gradient steps from two programs, and a clock that is read between."""

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import jax
from sbx.common.type_aliases import ReplayBufferSamplesNp

from objectives.agents.device_rollouts import DeviceRollouts
from objectives.agents.random_streams import Stream, first_key
from objectives.agents.replay_ring import Stored, draw, gather
from objectives.agents.running_normalization import Normalization, NormalizationRules
from objectives.agents.shared_parts import committed, on_device, set_learning_rate
from objectives.agents.training_signals import AgentSignals, agent_signals

CHUNK = 16
"""Gradient steps a call of the compiled program. Large enough that calling costs nothing, small enough that a chunk's
data fits beside the simulator (16 * 4096 transitions at most) and that the clock can be read between chunks. Any
number of gradient steps needs two programs at most: the chunk and the remainder."""


class ChunkedTraining(DeviceRollouts):
    """Does the gradient steps of one `train` in chunks, each with its own draw from the replay buffer.

    To be mixed in before an algorithm of sbx, whose `_train` is then called with chunks.
    """

    losses: Any = None
    """What sbx's `_train` gives as its losses, of the latest chunk; they may still be computed."""

    key: jax.Array
    draw_key: jax.Array
    """Of what is drawn from the replay buffer."""

    stop_training: Callable[[], bool] | None = None
    """Asked between two chunks of gradient steps; True ends `train` early. `_n_updates` counts what was done."""

    budget_spent: Callable[[], float] | None = None
    """The share of the training's time that is over; without it only steps count."""

    @abstractmethod
    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        """Does `steps` updates with `data`; gives the losses, which may still be computed."""

    loss_names: ClassVar[tuple[str, ...]] = ("actor_loss", "qf_loss", "ent_coef_loss", "ent_coef_value")
    """Of `losses`, in their order."""

    judge: ClassVar[Any]
    """How the algorithm's networks are asked for its signals: a `Judge`, static."""

    @abstractmethod
    def _networks(self) -> tuple[tuple[Any, Any], ...]:
        """Actor and critics, as `judge` takes them: the `apply` of each, and its variables."""

    def named_losses(self) -> dict[str, Any]:
        """`losses` by their names; none before the first chunk."""
        return {} if self.losses is None else dict(zip(self.loss_names, self.losses, strict=True))

    def signals(self) -> AgentSignals:
        """What the agent is like now; the numbers may still be computed."""
        networks, variables = zip(*self._networks(), strict=True)
        return agent_signals(type(self).judge, networks, variables, self.rollout.seen)

    def _setup_model(self) -> None:
        super()._setup_model()
        self.key = committed(self.key)
        self.draw_key = committed(first_key(self.seed, Stream.DRAWS))

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

        done = 0
        while done < gradient_steps:
            steps = min(CHUNK, gradient_steps - done)
            data = self._sample(steps * batch_size)  # while the device still computes the previous chunk
            if done:
                # One chunk at a time on the device: bounded memory, and a clock that counts only what has been done.
                jax.block_until_ready(self.losses)
                if self.stop_training is not None and self.stop_training():
                    break
            self.losses = self._train_chunk(steps, data)
            self._n_updates += steps
            done += steps

    def _delay(self) -> tuple[jax.Array, jax.Array]:
        """The policy delay, and how far into it the next update is; traced, so that one program serves all."""
        return on_device(self.policy_delay), on_device((self._n_updates + 1) % self.policy_delay)

    def _sample(self, transitions: int) -> ReplayBufferSamplesNp:
        """Draws for the next gradient steps, as arrays of the device."""
        data, self.draw_key = _sampled(
            self.replay_buffer.stored, self.draw_key, on_device(float(self.gamma)), self.rollout.normalization,
            self.rules, transitions, self.n_steps,
        )  # fmt: skip
        return data

    def _update_learning_rate(self, optimizers: Any, learning_rate: float, name: str = "learning_rate") -> None:
        self.logger.record(f"train/{name}", learning_rate)
        for optimizer in optimizers if isinstance(optimizers, list) else [optimizers]:
            set_learning_rate(optimizer, learning_rate)

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "stop_training", "budget_spent", "losses", "draw_key"]


@partial(jax.jit, static_argnames=("transitions", "n_steps"))
def _sampled(
    stored: Stored, key: jax.Array, gamma: jax.Array, normalization: Normalization, rules: NormalizationRules,
    transitions: int, n_steps: int,
) -> tuple[ReplayBufferSamplesNp, jax.Array]:  # fmt: skip
    # A program of its own, and not a part of the update's: it is compiled in a moment for each capacity of the replay
    # buffer, while an update takes seconds to compile and serves them all.
    key, used = jax.random.split(key)
    places = draw(used, transitions, stored.size * stored.transitions.rewards.shape[1])
    return gather(stored, places, gamma, n_steps, normalization, rules), key


def traced_delay(algorithm: Any, *static: str) -> Any:
    """The `_train` of sbx's `algorithm`, compiled again with policy delay and its offset as traced values."""
    return classmethod(
        jax.jit(algorithm.__dict__["_train"].__func__.__wrapped__, static_argnames=("cls", "gradient_steps", *static))
    )
