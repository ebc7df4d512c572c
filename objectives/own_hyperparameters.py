"""Hyperparameters that are not sbx's or Stable-Baselines3's: for those who must not know agents."""

from typing import Any

OWN_HYPERPARAMETERS = {
    "ent_coef_learned": "ent_coef",
    "learning_rate_schedule": "learning_rate",
    "target_entropy_scale": "target_entropy",
    "action_noise_std": "action_noise",
    "n_minibatches": "batch_size",
}
"""Each with the argument of an agent's constructor that it determines; what they mean:
`objectives.agents.hyperparameters.constructor_arguments`."""

OWN_ARGUMENTS: dict[str, Any] = {
    "target_update_interval": 1,
    "policy_catches_up": False,
    "policy_mean_reg_weight": 0.0,
    "policy_std_reg_weight": 0.0,
    "bounds_loss_coef": 0.0,
    "target_kl": None,
    "initial_action_range": 1.0,
    "action_range_fraction": 1.0,
}
"""Arguments that our SAC has beside sbx's (`objectives.agents.sac`), with the values that leave it sbx's."""
OWN_POLICY_ARGUMENTS = (
    "initialization", "log_std_bound", "log_std_min", "log_std_max", "state_dependent_std",
)  # fmt: skip
"""Arguments that the policies of our SAC have beside sbx's: `objectives.agents.sac_policies`."""
