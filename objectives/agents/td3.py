"""TD3 (Fujimoto et al. 2018, arXiv 1802.09477) as in sbx, with shared programs."""

from typing import Any, ClassVar

import jax
import numpy as np
import sbx
from numpy.typing import NDArray
from sbx.common.type_aliases import ReplayBufferSamplesNp
from sbx.td3.policies import TD3Policy
from stable_baselines3.common.noise import NormalActionNoise, VectorizedActionNoise

from objectives.agents.chunked_training import ChunkedTraining, traced_delay
from objectives.agents.shared_parts import SharedBuild


class SharedTD3Policy(SharedBuild, TD3Policy):
    """sbx's `TD3Policy` on shared parts."""


class TD3(ChunkedTraining, sbx.TD3):
    """sbx's TD3: same arguments, same updates, shared programs; here it follows learning-rate schedules, too."""

    policy_aliases: ClassVar[dict[str, type[TD3Policy]]] = {
        "MlpPolicy": SharedTD3Policy,
        "MultiInputPolicy": SharedTD3Policy,
    }
    loss_names = ("actor_loss", "critic_loss")

    key: jax.Array

    _train = traced_delay(sbx.TD3)

    def _train_chunk(self, steps: int, data: ReplayBufferSamplesNp) -> Any:
        self.policy.qf_state, self.policy.actor_state, self.key, losses = self._train(
            np.float32(self.tau),
            steps,
            data,
            *self._delay(),
            np.float32(self.target_policy_noise),
            np.float32(self.target_noise_clip),
            self.policy.qf_state,
            self.policy.actor_state,
            self.key,
        )
        return losses


class ExplorationNoise(VectorizedActionNoise):
    """Gaussian noise for all environments from one draw; Stable-Baselines3's asks each environment's in turn.

    Args:
        std: Standard deviation, where actions reach from -1 to 1.
        n_envs: Number of environments.
        action_dim: Action dimensions.
    """

    def __init__(self, std: float, n_envs: int, action_dim: int) -> None:
        super().__init__(NormalActionNoise(np.zeros(action_dim), np.full(action_dim, std)), n_envs)
        self._all = NormalActionNoise(np.zeros((n_envs, action_dim)), np.full((n_envs, action_dim), std))

    def __call__(self) -> NDArray[np.float32]:
        """Noise of shape `(n_envs, action_dim)`."""
        return self._all()
