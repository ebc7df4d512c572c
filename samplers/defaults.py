"""What each algorithm trains with where nobody says otherwise: sbx's own defaults, written out for tables.

`sb3-ppo` has Stable-Baselines3's, which are the same but for the networks' activation.
"""

from typing import Any

_OFF_POLICY: dict[str, Any] = {
    "learning_rate": 3e-4, "buffer_size": 1_000_000, "learning_starts": 100, "batch_size": 256, "tau": 0.005,
    "gamma": 0.99, "train_freq": 1, "gradient_steps": 1, "policy_delay": 1, "n_steps": 1,
    "policy_kwargs": {"net_arch": [256, 256]},
}  # fmt: skip
_PPO: dict[str, Any] = {
    "learning_rate": 3e-4, "n_steps": 2048, "batch_size": 64, "n_epochs": 10, "gamma": 0.99, "gae_lambda": 0.95,
    "clip_range": 0.2, "ent_coef": 0.0, "vf_coef": 0.5, "max_grad_norm": 0.5, "policy_kwargs": {"net_arch": [64, 64]},
}  # fmt: skip
_CROSSQ = {name: value for name, value in _OFF_POLICY.items() if name != "tau"}

DEFAULTS: dict[str, dict[str, Any]] = {
    "sac": {**_OFF_POLICY, "ent_coef": "auto"},
    "tqc": {**_OFF_POLICY, "ent_coef": "auto", "top_quantiles_to_drop_per_net": 2},
    "crossq": {
        **_CROSSQ, "learning_rate": 1e-3, "policy_delay": 3, "ent_coef": "auto",
        "policy_kwargs": {"net_arch": {"pi": [256, 256], "qf": [1024, 1024]}},
    },
    "td3": {**_OFF_POLICY, "policy_delay": 2, "target_policy_noise": 0.2, "target_noise_clip": 0.5},
    "ppo": _PPO,
    "sb3-ppo": _PPO,
}  # fmt: skip
