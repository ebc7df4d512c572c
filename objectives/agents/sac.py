"""SAC as in sbx, with programs that are compiled once per shape and shared by all agents of a process."""

from typing import Any, ClassVar

import jax
import sbx
from sbx.common.type_aliases import ReplayBufferSamplesNp
from sbx.sac.policies import SACPolicy
from sbx.sac.sac import EntropyCoef

from objectives.agents.chunked_training import ChunkedTraining, traced_delay
from objectives.agents.entropy_coefficient import SharedEntropyCoefficient
from objectives.agents.sac_policies import SharedSACPolicy, SharedSimbaSACPolicy
from objectives.agents.shared_parts import on_device
from objectives.agents.training_signals import judge_by_smallest


class SAC(ChunkedTraining, SharedEntropyCoefficient, sbx.SAC):
    """sbx's SAC: same arguments, same updates.

    Two differences in how, none in what: learning rates, policy delay and entropy coefficient are traced, so that
    agents which differ only in those share their programs; and the gradient steps of one `train` are done in chunks.
    """

    policy_aliases: ClassVar[dict[str, type[SACPolicy]]] = {
        "MlpPolicy": SharedSACPolicy,
        "SimbaPolicy": SharedSimbaSACPolicy,
        "MultiInputPolicy": SharedSACPolicy,
    }
    learned_coefficient = EntropyCoef

    key: jax.Array
    judge = staticmethod(judge_by_smallest)

    _train = traced_delay(sbx.SAC)

    def _setup_model(self) -> None:
        super()._setup_model()
        # A loaded agent's own copy of `actor` belongs to a copy of its policy.
        self.actor = self.policy.actor

    def _networks(self) -> tuple[tuple[Any, Any], ...]:
        actor, critics = self.policy.actor_state, self.policy.qf_state
        return (actor.apply_fn, actor.params), (critics.apply_fn, critics.params)

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        self.policy.qf_state, self.policy.actor_state, self.ent_coef_state, self.key, losses = self._train(
            on_device(float(self.tau)),
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
