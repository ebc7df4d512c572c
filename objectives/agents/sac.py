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
from objectives.agents.sac_schedule import train_on_schedule
from objectives.agents.shared_parts import also_takes, on_device
from objectives.agents.training_signals import judge_by_smallest


class SAC(ChunkedTraining, SharedEntropyCoefficient, sbx.SAC):
    """sbx's SAC: same arguments and two more, same updates.

    Two differences in how, none in what: learning rates, policy delay and entropy coefficient are traced, so that
    agents which differ only in those share their programs; and the gradient steps of one `train` are done in chunks.

    Args:
        args: Of sbx's.
        target_update_interval: Every so many updates of the critics the target networks are updated.
        policy_catches_up: Whether the policy, at every `policy_delay`-th update of the critics, makes up for those it
            was left out of, as CleanRL has it: `policy_delay` updates on one batch.
        kwargs: Of sbx's.
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

    @also_takes(sbx.SAC.__init__, target_update_interval=1, policy_catches_up=False)
    def __init__(
        self, *args: Any, target_update_interval: int = 1, policy_catches_up: bool = False, **kwargs: Any
    ) -> None:
        self.target_update_interval, self.policy_catches_up = target_update_interval, policy_catches_up
        super().__init__(*args, **kwargs)

    def _setup_model(self) -> None:
        super()._setup_model()
        # A loaded agent's own copy of `actor` belongs to a copy of its policy.
        self.actor = self.policy.actor

    def _networks(self) -> tuple[tuple[Any, Any], ...]:
        actor, critics = self.policy.actor_state, self.policy.qf_state
        return (actor.apply_fn, actor.params), (critics.apply_fn, critics.params)

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        if self.target_update_interval > 1 or (self.policy_catches_up and self.policy_delay > 1):
            return self._train_on_schedule(steps, data)
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

    def _train_on_schedule(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        policy = self.policy
        policy.qf_state, policy.actor_state, self.ent_coef_state, self.key, losses = train_on_schedule(
            on_device(float(self.tau)),
            on_device(float(self.target_entropy)),
            steps,
            data,
            on_device(self._n_updates % (self.policy_delay * self.target_update_interval)),
            on_device(self.policy_delay),
            on_device(self.policy_delay if self.policy_catches_up else 1),
            on_device(self.target_update_interval),
            policy.qf_state,
            policy.actor_state,
            self.ent_coef_state,
            self.key,
        )
        return losses
