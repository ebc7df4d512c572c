"""The parameters of a search's trials as the agent was given them: `batch_size` 512 and not `batch_size_pow` 9."""

import copy
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.trial import FrozenTrial

from hpo.trials.shown_hyperparameters import flattened, short_name, short_value
from samplers import Dimension, SearchSpace, Space


class Shown(NamedTuple):
    """A dimension of a search space as people read it."""

    low: float
    """What is sampled at least, and at most."""
    high: float
    name: str
    distribution: BaseDistribution
    value: Callable[[Any], Any]
    """What a sampled value is shown as."""


def shown_dimensions(space: Space) -> dict[str, Shown]:
    """Dimension -> how it is shown; none of a function's space, which says itself what its values become.

    No two have one name, since no two may determine one hyperparameter.
    """
    if not isinstance(space, SearchSpace):
        return {}
    return {name: _shown(name, dimension) for name, dimension in space.dimensions.items()}


def with_true_values(trial: FrozenTrial, shown: Mapping[str, Shown]) -> FrozenTrial:
    """A copy of `trial` with what `shown` says in the place of its parameters.

    Those that it does not name, and values that the space does not have, stay: somebody may have enqueued anything.
    """
    true = copy.copy(trial)
    params, distributions = {}, {}
    for name, value in trial.params.items():
        one = shown.get(name)
        if one is None or not isinstance(value, int | float) or not one.low <= value <= one.high:
            params[name], distributions[name] = value, trial.distributions[name]
        else:
            params[one.name], distributions[one.name] = one.value(value), one.distribution
    true.params, true.distributions = params, distributions
    return true


def _shown(name: str, dimension: Dimension) -> Shown:
    low, high = dimension.low, dimension.high
    if dimension.choices is not None:
        return _choices(name, dimension)
    if dimension.hyperparameter is None or dimension.transform == "held-noise":
        return Shown(low, high, name, dimension.distribution(), _itself)
    true_name = short_name(dimension.hyperparameter)
    if dimension.transform == "power-of-two":
        distribution = IntDistribution(2 ** int(low), 2 ** int(high), log=True)
        return Shown(low, high, true_name, distribution, lambda value: 2 ** int(value))
    # Of a learned entropy coefficient the first value, which is what was tuned.
    return Shown(low, high, true_name, dimension.distribution(), _itself)


def _choices(name: str, dimension: Dimension) -> Shown:
    low, high = dimension.low, dimension.high
    sampled = range(int(low), int(high) + 1)
    given = [flattened(dimension.becomes(place)) for place in sampled]
    differ = [key for key in given[0] if any(one.get(key) != given[0][key] for one in given)]
    labels = [" ".join(short_value(one.get(key)) for key in differ) for one in given]
    if len(set(labels)) < len(labels):
        return Shown(low, high, name, dimension.distribution(), _itself)
    true_name = " and ".join(map(short_name, differ))
    return Shown(low, high, true_name, CategoricalDistribution(labels), lambda place: labels[int(place) - sampled[0]])


def _itself(value: Any) -> Any:
    return value
