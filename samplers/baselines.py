"""Known hyperparameters to compare a search with, by name."""

import copy
from typing import Any

BASELINES: dict[str, dict[str, Any]] = {
    "tuned-a1": {
        "policy": "MlpPolicy",
        "batch_size": 512,
        "buffer_size": 2_000_000,
        "ent_coef": "auto_0.009471776840423638",
        "gamma": 0.983100250213744,
        "gradient_steps": 32,
        "learning_rate": 0.00044689099625712413,
        "learning_starts": 2000,
        "policy_delay": 8,
        "policy_kwargs": {
            "net_arch": [512, 256, 128],
            "activation_fn": "elu",
            "optimizer_class": "adamw",
            "layer_norm": True,
        },
        "tau": 0.0023055560568780655,
        "train_freq": 1,
    },
}
"""`tuned-a1`: the tuned agent of recipes.md section 4 (Unitree A1, flat ground)."""


def baseline(name: str) -> dict[str, Any]:
    """The hyperparameters called `name`.

    Raises:
        ValueError: There are none.
    """
    if name not in BASELINES:
        raise ValueError(f"no baseline {name!r}; there are {', '.join(BASELINES)}")
    return copy.deepcopy(BASELINES[name])
