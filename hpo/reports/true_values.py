"""The parameters of a search's trials as the agent was given them: `batch_size` 512 and not `batch_size_pow` 9."""

import copy
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial

from hpo.reports.tuned_values import flattened, short_name, short_value
from samplers import Dimension, SearchSpace


class Shown(NamedTuple):
    """A dimension of a search space as people read it."""

    name: str
    distribution: BaseDistribution
    value: Callable[[Any], Any]
    """What a sampled value is shown as."""


def shown_dimensions(space: SearchSpace) -> dict[str, Shown]:
    """Dimension -> how it is shown. No two have one name, since no two may determine one hyperparameter."""
    return {name: _shown(name, dimension) for name, dimension in space.dimensions.items()}


def with_true_values(trial: FrozenTrial, shown: Mapping[str, Shown]) -> FrozenTrial:
    """A copy of `trial` with what `shown` says in the place of its parameters; those that it does not name stay."""
    true = copy.copy(trial)
    params, distributions = {}, {}
    for name, value in trial.params.items():
        one = shown.get(name, Shown(name, trial.distributions[name], _itself))
        params[one.name], distributions[one.name] = one.value(value), one.distribution
    true.params, true.distributions = params, distributions
    return true


def _shown(name: str, dimension: Dimension) -> Shown:
    if dimension.choices is not None:
        return _shown_choices(name, dimension)
    if dimension.hyperparameter is None or dimension.transform == "held-noise":
        return Shown(name, dimension.distribution(), _itself)
    true_name = short_name(dimension.hyperparameter)
    if dimension.transform == "power-of-two":
        low, high = 2 ** int(dimension.low), 2 ** int(dimension.high)
        return Shown(true_name, IntDistribution(low, high, log=True), lambda value: 2 ** int(value))
    if dimension.transform == "auto-entropy":
        # A learned coefficient's first value, which is what was tuned.
        return Shown(true_name, FloatDistribution(dimension.low, dimension.high, log=dimension.log), _itself)
    return Shown(true_name, dimension.distribution(), _itself)


def _shown_choices(name: str, dimension: Dimension) -> Shown:
    sampled = range(int(dimension.low), int(dimension.high) + 1)
    given = [flattened(dimension.becomes(place)) for place in sampled]
    differ = [key for key in given[0] if any(one.get(key) != given[0][key] for one in given)]
    labels = [" ".join(short_value(one.get(key)) for key in differ) for one in given]
    if len(set(labels)) < len(labels):
        return Shown(name, dimension.distribution(), _itself)
    true_name = " and ".join(map(short_name, differ))
    return Shown(true_name, CategoricalDistribution(labels), lambda place: labels[int(place) - sampled[0]])


def _itself(value: Any) -> Any:
    return value
