"""Hyperparameters that are not sbx's or Stable-Baselines3's: names only, for those who must not know agents."""

OWN_HYPERPARAMETERS = {
    "ent_coef_learned": "ent_coef",
    "learning_rate_schedule": "learning_rate",
    "target_entropy_scale": "target_entropy",
    "action_noise_std": "action_noise",
    "n_minibatches": "batch_size",
}
"""Each with the argument of an agent's constructor that it determines; what they mean:
`objectives.agents.hyperparameters.constructor_arguments`."""

OWN_ARGUMENTS = ("target_update_interval", "policy_catches_up")
OWN_POLICY_ARGUMENTS = ("initialization", "log_std_bound", "log_std_min", "log_std_max")
"""Arguments that our SAC and its policy have beside sbx's: `objectives.agents.sac` and `sac_policies`."""
