"""TD3 (Fujimoto et al. 2018, arXiv 1802.09477) as in sbx, with shared programs."""

from typing import Any, ClassVar

import jax
import numpy as np
import sbx
from sbx.common.type_aliases import ReplayBufferSamplesNp
from sbx.td3.policies import TD3Policy
from stable_baselines3.common.noise import NormalActionNoise, VectorizedActionNoise

from objectives.agents.chunked_training import ChunkedTraining, traced_delay
from objectives.agents.shared_parts import SharedBuild, on_device
from objectives.agents.training_signals import judge_deterministic


class SharedTD3Policy(SharedBuild, TD3Policy):
    """sbx's `TD3Policy` on shared parts."""


class TD3(ChunkedTraining, sbx.TD3):
    """sbx's TD3: same arguments, same updates, shared programs; here it follows learning-rate schedules, too."""

    policy_aliases: ClassVar[dict[str, type[TD3Policy]]] = {
        "MlpPolicy": SharedTD3Policy,
        "MultiInputPolicy": SharedTD3Policy,
    }

    key: jax.Array
    loss_names = ("actor_loss", "qf_loss")
    judge = staticmethod(judge_deterministic)

    _train = traced_delay(sbx.TD3)

    def _networks(self) -> tuple[tuple[Any, Any], ...]:
        actor, critics = self.policy.actor_state, self.policy.qf_state
        return (actor.apply_fn, actor.params), (critics.apply_fn, critics.params)

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        self.policy.qf_state, self.policy.actor_state, self.key, losses = self._train(
            on_device(float(self.tau)),
            steps,
            data,
            *self._delay(),
            on_device(float(self.target_policy_noise)),
            on_device(float(self.target_noise_clip)),
            self.policy.qf_state,
            self.policy.actor_state,
            self.key,
        )
        return losses


class ExplorationNoise(VectorizedActionNoise):
    """Gaussian noise for all environments; `DeviceRollouts` draws it where the actions are.

    Args:
        std: Standard deviation, where actions reach from -1 to 1.
        n_envs: Number of environments.
        action_dim: Action dimensions.
    """

    def __init__(self, std: float, n_envs: int, action_dim: int) -> None:
        super().__init__(NormalActionNoise(np.zeros(action_dim), np.full(action_dim, std)), n_envs)
        self.std = std
