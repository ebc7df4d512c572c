"""Optuna samplers by name."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import optuna
from optuna.samplers import BaseSampler

_SAMPLERS: dict[str, Callable[..., BaseSampler]] = {
    "cmaes": optuna.samplers.CmaEsSampler,
    "tpe": optuna.samplers.TPESampler,
    "gp": optuna.samplers.GPSampler,
    "random": optuna.samplers.RandomSampler,
}
SAMPLER_NAMES = tuple(_SAMPLERS)
_OUR_NAMES = {"cmaes": {"population_size": "popsize"}}
_DEFAULTS: dict[str, dict[str, Any]] = {
    # Integer dimensions are independent of a relative sampler's model only before it has one.
    "cmaes": {"warn_independent_sampling": False},
    # With several workers, running trials count as bad ones, or all would try the same place.
    "tpe": {"multivariate": True, "constant_liar": True},
}


def create_sampler(name: str, **options: Any) -> BaseSampler:
    """Creates the sampler called `name`.

    Without a `seed` each call draws its own from the operating system, so that two workers of one study never ask
    the same first point.

    Args:
        name: One of `SAMPLER_NAMES`.
        options: Passed to Optuna's constructor; `population_size` is CMA-ES's `popsize`.

    Raises:
        ValueError: The sampler or one of its options does not exist.
    """
    if name not in _SAMPLERS:
        raise ValueError(f"no sampler {name!r}; there are {', '.join(SAMPLER_NAMES)}")
    constructor = _SAMPLERS[name]
    ours = _OUR_NAMES.get(name, {})
    known = [*ours, *(p for p in inspect.signature(constructor).parameters if p not in ours.values())]
    for option in options:
        if option not in known:
            raise ValueError(f"sampler {name} has no option {option!r}; it has {', '.join(known)}")
    arguments = {**_DEFAULTS.get(name, {}), **{ours.get(key, key): value for key, value in options.items()}}
    with warnings.catch_warnings():
        # Several options we offer are marked experimental; the user asked for them by name.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return constructor(**arguments)
