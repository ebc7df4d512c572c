"""Optuna pruners by name."""

import inspect
from collections.abc import Callable
from typing import Any

import optuna
from optuna.pruners import BasePruner

_PRUNERS: dict[str, Callable[..., BasePruner]] = {
    "none": optuna.pruners.NopPruner,
    "median": optuna.pruners.MedianPruner,
    "percentile": optuna.pruners.PercentilePruner,
}
PRUNER_NAMES = tuple(_PRUNERS)


def create_pruner(name: str, **options: Any) -> BasePruner:
    """Creates the pruner called `name`; steps are seconds of training.

    Args:
        name: One of `PRUNER_NAMES`.
        options: Passed to Optuna's constructor.

    Raises:
        ValueError: The pruner or one of its options does not exist.
    """
    if name not in _PRUNERS:
        raise ValueError(f"no pruner {name!r}; there are {', '.join(PRUNER_NAMES)}")
    known = inspect.signature(_PRUNERS[name]).parameters
    for option in options:
        if option not in known:
            raise ValueError(f"pruner {name} has no option {option!r}; it has {', '.join(known)}")
    return _PRUNERS[name](**options)
