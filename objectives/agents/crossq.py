"""CrossQ (Bhatt et al. 2024, arXiv 1902.05605) as in sbx, with shared programs."""

from typing import Any, ClassVar

import jax
import sbx
from sbx.common.type_aliases import ReplayBufferSamplesNp
from sbx.crossq.crossq import EntropyCoef
from sbx.crossq.policies import CrossQPolicy, SimbaCrossQPolicy

from objectives.agents.chunked_training import ChunkedTraining, traced_delay
from objectives.agents.entropy_coefficient import SharedEntropyCoefficient
from objectives.agents.shared_parts import SharedBuild, on_device
from objectives.agents.training_signals import judge_in_evaluation_mode


class SharedCrossQPolicy(SharedBuild, CrossQPolicy):
    """sbx's `CrossQPolicy` on shared parts."""


class SharedSimbaCrossQPolicy(SharedBuild, SimbaCrossQPolicy):
    """sbx's `SimbaCrossQPolicy` on shared parts."""


class CrossQ(ChunkedTraining, SharedEntropyCoefficient, sbx.CrossQ):
    """sbx's CrossQ: same arguments, same updates, shared programs; here it follows learning-rate schedules, too."""

    policy_aliases: ClassVar[dict[str, type[CrossQPolicy]]] = {
        "MlpPolicy": SharedCrossQPolicy,
        "SimbaPolicy": SharedSimbaCrossQPolicy,
        "MultiInputPolicy": SharedCrossQPolicy,
    }
    learned_coefficient = EntropyCoef

    key: jax.Array
    judge = staticmethod(judge_in_evaluation_mode)

    _train = traced_delay(sbx.CrossQ)

    def _networks(self) -> tuple[tuple[Any, Any], ...]:
        states = self.policy.actor_state, self.policy.qf_state
        return tuple((s.apply_fn, {"params": s.params, "batch_stats": s.batch_stats}) for s in states)

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        self.policy.qf_state, self.policy.actor_state, self.ent_coef_state, self.key, losses = self._train(
            on_device(float(self.target_entropy)),
            steps,
            data,
            *self._delay(),
            self.policy.qf_state,
            self.policy.actor_state,
            self.ent_coef_state,
            self.key,
        )
        return losses
