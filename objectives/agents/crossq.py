"""CrossQ (Bhatt et al. 2024, arXiv 1902.05605) as in sbx, with shared programs."""

from typing import Any, ClassVar

import jax
import sbx
from flax.training.train_state import TrainState
from sbx.common.type_aliases import ReplayBufferSamplesNp
from sbx.crossq.crossq import EntropyCoef
from sbx.crossq.policies import CrossQPolicy, SimbaCrossQPolicy
from stable_baselines3.common.type_aliases import Schedule

from objectives.agents.chunked_training import ChunkedTraining, traced_delay
from objectives.agents.entropy_coefficient import SharedEntropyCoefficient
from objectives.agents.shared_parts import first_of_its_kind, shared_optimizer, with_shared_parts


class _SharedBuild(CrossQPolicy):
    qf: Any
    actor_state: TrainState
    qf_state: TrainState

    def build(self, key: jax.Array, lr_schedule: Schedule, qf_learning_rate: float) -> jax.Array:
        """Makes actor and critics as sbx does; gives the remaining key."""
        key = super().build(key, lr_schedule, qf_learning_rate)
        optimizer = shared_optimizer(self.optimizer_class, **(self.optimizer_kwargs or {}))
        actor, self.qf = first_of_its_kind(self.actor), first_of_its_kind(self.qf)
        self.actor_state = with_shared_parts(self.actor_state, actor, optimizer, lr_schedule(1))
        self.qf_state = with_shared_parts(self.qf_state, self.qf, optimizer, qf_learning_rate)
        return key


class SharedCrossQPolicy(_SharedBuild):
    """sbx's `CrossQPolicy` on shared parts."""


class SharedSimbaCrossQPolicy(_SharedBuild, SimbaCrossQPolicy):
    """sbx's `SimbaCrossQPolicy` on shared parts."""


class CrossQ(ChunkedTraining, SharedEntropyCoefficient, sbx.CrossQ):
    """sbx's CrossQ: same arguments, same updates, shared programs; here it follows learning-rate schedules, too."""

    policy_aliases: ClassVar[dict[str, type[CrossQPolicy]]] = {
        "MlpPolicy": SharedCrossQPolicy,
        "SimbaPolicy": SharedSimbaCrossQPolicy,
        "MultiInputPolicy": SharedCrossQPolicy,
    }
    loss_names = ("actor_loss", "critic_loss", "ent_coef_loss", "ent_coef")
    learned_coefficient = EntropyCoef

    key: jax.Array

    _train = traced_delay(sbx.CrossQ)

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        self.policy.qf_state, self.policy.actor_state, self.ent_coef_state, self.key, losses = self._train(
            self.target_entropy,
            steps,
            data,
            *self._delay(),
            self.policy.qf_state,
            self.policy.actor_state,
            self.ent_coef_state,
            self.key,
        )
        return losses
