"""A search space as a function, as many have one already: it takes a trial and gives SAC's arguments."""

from typing import Any

import optuna


def sample(trial: optuna.Trial) -> dict[str, Any]:
    """Three hyperparameters; the others stay as they are here."""
    width = 2 ** trial.suggest_int("width_pow", 5, 7)
    return {
        "policy": "MlpPolicy",
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 3e-3, log=True),
        "gamma": 1 - trial.suggest_float("one_minus_gamma", 0.005, 0.1, log=True),
        "policy_kwargs": {"net_arch": [width, width]},
        "batch_size": 64,
        "buffer_size": 20_000,
        "learning_starts": 200,
    }
