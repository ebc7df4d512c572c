"""Samplers by name."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler

from samplers.cmaes_sampler import StatelessCmaEsSampler

GRID = "grid"
AUTO_SAMPLER = "samplers/auto_sampler"
"""Optuna's own AutoSampler, which it publishes on OptunaHub and not in its package."""


def _auto_sampler(seed: int | None = None) -> BaseSampler:
    """Fetches the AutoSampler; installing `optunahub` is the user's consent to that."""
    try:
        import optunahub
    except ImportError as error:
        raise ValueError(
            f"sampler auto is fetched from OptunaHub by a package that is missing: pip install 'hpo[auto]' ({error})"
        ) from error
    try:
        sampler = optunahub.load_module(AUTO_SAMPLER).AutoSampler(seed=seed)
    except Exception as error:  # whatever fetching over a network and importing raise
        raise ValueError(f"sampler auto cannot be fetched from OptunaHub: {type(error).__name__}: {error}") from error
    assert isinstance(sampler, BaseSampler)
    return sampler


_SAMPLERS: dict[str, Callable[..., BaseSampler]] = {
    "cmaes": StatelessCmaEsSampler,
    "optuna-cmaes": optuna.samplers.CmaEsSampler,
    "tpe": optuna.samplers.TPESampler,
    "gp": optuna.samplers.GPSampler,
    "random": optuna.samplers.RandomSampler,
    "auto": _auto_sampler,
    # Plans every point of the space beforehand (`hpo.replays.comparison`): nothing is left to sample.
    GRID: optuna.samplers.RandomSampler,
}
SAMPLER_NAMES = tuple(_SAMPLERS)
UNPICKLING_SAMPLERS = ("optuna-cmaes", "auto")
"""They load pickles that they keep in the study (`auto` once it takes to Optuna's CMA-ES): code of whoever put them."""
_OUR_NAMES = {"optuna-cmaes": {"population_size": "popsize"}}
_DEFAULTS: dict[str, dict[str, Any]] = {
    # Integer dimensions are independent of a relative sampler's model only before it has one.
    "optuna-cmaes": {"warn_independent_sampling": False},
    # With several workers, running trials count as bad ones, or all would try the same place.
    "tpe": {"multivariate": True, "constant_liar": True},
}
_SEARCH_SPACE = "search_space"
"""Of those that take it, an argument of its own: a study's space is no option of its sampler."""


def check_sampler(name: str, **options: Any) -> None:
    """Raises a `ValueError` if the sampler or one of its options does not exist, or is impossible.

    Of one that is fetched over a network only the names are looked at.
    """
    if _SAMPLERS.get(name) is _auto_sampler:
        _arguments(name, options)
    else:
        create_sampler(name, **options)


def create_sampler(name: str, search_space: dict[str, BaseDistribution] | None = None, **options: Any) -> BaseSampler:
    """Creates the sampler called `name`.

    Without a `seed` each worker draws other points: by the trial's number, or by a seed from the operating system.

    Args:
        name: One of `SAMPLER_NAMES`.
        search_space: What will be sampled, for the samplers that can use it from the first trial on.
        options: Passed to the constructor; `population_size` is called `popsize` by Optuna's CMA-ES.

    Raises:
        ValueError: The sampler or one of its options does not exist, or is impossible.
    """
    arguments = _arguments(name, options)
    constructor = _SAMPLERS[name]
    if _SEARCH_SPACE in inspect.signature(constructor).parameters and search_space is not None:
        arguments[_SEARCH_SPACE] = search_space
    with warnings.catch_warnings():
        # Several options we offer are marked experimental; the user asked for them by name.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return constructor(**arguments)


def _arguments(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """The constructor's arguments for `options`, all but the search space."""
    if name not in _SAMPLERS:
        raise ValueError(f"no sampler {name!r}; there are {', '.join(SAMPLER_NAMES)}")
    renamed = _OUR_NAMES.get(name, {})
    parameters = [p for p in inspect.signature(_SAMPLERS[name]).parameters if p not in renamed.values()]
    known = [*renamed, *(p for p in parameters if p != _SEARCH_SPACE)]
    for option in options:
        if option not in known:
            raise ValueError(f"sampler {name} has no option {option!r}; it has {', '.join(known)}")
    return {**_DEFAULTS.get(name, {}), **{renamed.get(key, key): value for key, value in options.items()}}
