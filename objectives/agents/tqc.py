"""TQC (Kuznetsov et al. 2020, arXiv 2005.04269) as in sbx, with shared programs."""

from typing import Any, ClassVar

import jax
import sbx
from sbx.common.type_aliases import ReplayBufferSamplesNp
from sbx.tqc.policies import SimbaTQCPolicy, TQCPolicy
from sbx.tqc.tqc import EntropyCoef

from objectives.agents.chunked_training import ChunkedTraining, traced_delay
from objectives.agents.entropy_coefficient import SharedEntropyCoefficient
from objectives.agents.shared_parts import SharedBuild, on_device
from objectives.agents.training_signals import judge_by_quantiles


class SharedTQCPolicy(SharedBuild, TQCPolicy):
    """sbx's `TQCPolicy` on shared parts."""

    critic_states = ("qf1_state", "qf2_state")


class SharedSimbaTQCPolicy(SharedBuild, SimbaTQCPolicy):
    """sbx's `SimbaTQCPolicy` on shared parts."""

    critic_states = ("qf1_state", "qf2_state")


class TQC(ChunkedTraining, SharedEntropyCoefficient, sbx.TQC):
    """sbx's TQC: same arguments, same updates, shared programs."""

    policy_aliases: ClassVar[dict[str, type[TQCPolicy]]] = {
        "MlpPolicy": SharedTQCPolicy,
        "SimbaPolicy": SharedSimbaTQCPolicy,
        "MultiInputPolicy": SharedTQCPolicy,
    }
    learned_coefficient = EntropyCoef

    key: jax.Array
    loss_names = ("qf1_loss", "qf2_loss", "actor_loss", "ent_coef_loss", "ent_coef_value")
    judge = staticmethod(judge_by_quantiles)

    _train = traced_delay(sbx.TQC, "n_target_quantiles")

    def _critic_optimizers(self) -> list[Any]:
        return [self.policy.qf1_state.opt_state, self.policy.qf2_state.opt_state]

    def _networks(self) -> tuple[tuple[Any, Any], ...]:
        states = self.policy.actor_state, self.policy.qf1_state, self.policy.qf2_state
        return tuple((state.apply_fn, state.params) for state in states)

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        policy = self.policy
        policy.qf1_state, policy.qf2_state, policy.actor_state, self.ent_coef_state, self.key, losses = self._train(
            on_device(float(self.tau)),
            on_device(float(self.target_entropy)),
            steps,
            policy.n_target_quantiles,
            data,
            *self._delay(),
            policy.qf1_state,
            policy.qf2_state,
            policy.actor_state,
            self.ent_coef_state,
            self.key,
        )
        return losses
