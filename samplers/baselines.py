"""Known hyperparameters to compare a search with, by name.

They are hyperparameters only: task, environments, budget and action bounds are those of the study. Settings published
for one environment mean less training here: with 1024 environments `learning_starts` is over after few steps of each,
and one gradient step per rollout is a replay ratio of 1/1024.
"""

import copy
from typing import Any

_TUNED_POLICY: dict[str, Any] = {
    "net_arch": [512, 256, 128],
    "activation_fn": "elu",
    "optimizer_class": "adamw",
    "layer_norm": True,
}
_TUNED: dict[str, Any] = {
    "policy": "MlpPolicy",
    "batch_size": 512,
    "buffer_size": 2_000_000,
    "ent_coef": "auto_0.009471776840423638",
    "gamma": 0.983100250213744,
    "gradient_steps": 32,
    "learning_rate": 0.00044689099625712413,
    "learning_starts": 2000,
    "policy_delay": 8,
    "policy_kwargs": _TUNED_POLICY,
    "tau": 0.0023055560568780655,
    "train_freq": 1,
}


def _reference(hidden: list[int], policy: dict[str, Any] | None = None, **hyperparameters: Any) -> dict[str, Any]:
    return {
        "policy": "MlpPolicy",
        "gamma": 0.99,
        "tau": 0.005,
        "policy_kwargs": {"net_arch": hidden, **(policy or {})},
        **hyperparameters,
    }


BASELINES: dict[str, dict[str, Any]] = {
    # recipes.md section 4: the tuned agent on Unitree A1, flat ground.
    "tuned-a1": _TUNED,
    # Section 4: TQC was easier to tune for some robots. Nothing was published of it: this is tuned-a1, with sbx's own
    # quantiles.
    "tuned-a1-tqc": {**_TUNED, "top_quantiles_to_drop_per_net": 2},
    # Section 4: tuned by hand before any search; it goes with 3 % of a [-100, 100] action space. The rest is sbx's.
    "quick-fix": {
        "policy": "MlpPolicy",
        "gradient_steps": 512,
        "ent_coef": "auto_0.006",
        "policy_kwargs": {"net_arch": [512, 256, 128], "activation_fn": "elu"},
    },
    # Section 4: on rough terrain; the noise of gSDE is held for a rollout. Published with train_freq 10 and
    # gradient_steps 320: here at the nearest powers of two with the same replay ratio, so that it is a point of
    # `sac-rough`, from which a sampler learns. A space that held 10 and 320 would not be of powers of two, as the
    # source's is.
    "rough": {
        **_TUNED, "train_freq": 8, "gradient_steps": 256, "n_steps": 3, "use_sde": True, "sde_sample_freq": 8,
        "learning_rate_schedule": "constant",
    },
    # Section 5. Reward scaling 5 is a fixed entropy coefficient of 1/5.
    "haarnoja": _reference(
        [256, 256], buffer_size=1_000_000, batch_size=256, learning_starts=1000, ent_coef=0.2, learning_rate=3e-4
    ),
    "stable-baselines": _reference(
        [64, 64], {"log_std_bound": "clip-values"}, buffer_size=500_000, batch_size=64, learning_starts=100,
        ent_coef="auto", learning_rate=3e-4,
    ),
    # Its 10000 steps of initial exploration are learning_starts here; it updates 50 times every 50 steps.
    "spinning-up": _reference(
        [256, 256], buffer_size=1_000_000, batch_size=100, learning_starts=10_000, ent_coef=0.2, learning_rate=1e-3,
        train_freq=50, gradient_steps=50,
    ),
    "yarats": _reference(
        [1024, 1024], {"log_std_bound": "tanh", "log_std_min": -5.0}, buffer_size=1_000_000, batch_size=1024,
        learning_starts=5000, ent_coef="auto_0.1", learning_rate=1e-4, target_update_interval=2,
    ),
}  # fmt: skip


def baseline_algorithm(name: str) -> str:
    """What the baseline called `name` trains."""
    return "tqc" if name == "tuned-a1-tqc" else "sac"


def baseline(name: str) -> dict[str, Any]:
    """The hyperparameters called `name`.

    Raises:
        ValueError: There are none.
    """
    if name not in BASELINES:
        raise ValueError(f"no baseline {name!r}; there are {', '.join(BASELINES)}")
    return copy.deepcopy(BASELINES[name])
