"""Optuna pruners by name."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import optuna
from optuna.pruners import BasePruner

_PRUNERS: dict[str, Callable[..., BasePruner]] = {
    "none": optuna.pruners.NopPruner,
    "median": optuna.pruners.MedianPruner,
    "percentile": optuna.pruners.PercentilePruner,
    "asha": optuna.pruners.SuccessiveHalvingPruner,
    "hyperband": optuna.pruners.HyperbandPruner,
    "wilcoxon": optuna.pruners.WilcoxonPruner,
}
PRUNER_NAMES = tuple(_PRUNERS)


def create_pruner(name: str, **options: Any) -> BasePruner:
    """Creates the pruner called `name`; steps are seconds of training, compared between trials at equal seconds.

    The grace period is an option of each: `n_warmup_steps` (median, percentile) and `min_resource` (asha, hyperband) in
    seconds of training, `n_startup_steps` (wilcoxon) in reports.

    Args:
        name: One of `PRUNER_NAMES`.
        options: Passed to Optuna's constructor.

    Raises:
        ValueError: The pruner or one of its options does not exist, or a needed one is missing.
    """
    if name not in _PRUNERS:
        raise ValueError(f"no pruner {name!r}; there are {', '.join(PRUNER_NAMES)}")
    known = inspect.signature(_PRUNERS[name]).parameters
    for option in options:
        if option not in known:
            raise ValueError(f"pruner {name} has no option {option!r}; it has {', '.join(known)}")
    missing = [option for option, p in known.items() if p.default is p.empty and option not in options]
    if missing:
        raise ValueError(f"pruner {name} needs {', '.join(missing)}, for example {{name: {name}, {missing[0]}: 25}}")
    with warnings.catch_warnings():
        # Some are marked experimental; the user asked for them by name.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return _PRUNERS[name](**options)
