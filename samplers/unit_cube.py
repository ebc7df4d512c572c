"""A search space as the unit cube: what CMA-ES works in."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial

Numeric = FloatDistribution | IntDistribution


@dataclass(frozen=True, slots=True)
class UnitCube:
    """Numeric dimensions, each scaled to 0 .. 1, in log space where it is one."""

    dimensions: dict[str, Numeric]

    @classmethod
    def of(cls, search_space: dict[str, BaseDistribution]) -> "UnitCube":
        """The numeric dimensions of `search_space` that have more than one value, by name."""
        return cls(
            {
                name: distribution
                for name, distribution in sorted(search_space.items())
                if isinstance(distribution, FloatDistribution | IntDistribution) and not distribution.single()
            }
        )

    @property
    def names(self) -> set[str]:
        """Names of the dimensions."""
        return set(self.dimensions)

    @property
    def steps(self) -> NDArray[np.float64]:
        """Distance of neighbouring values per dimension; 0 for a continuous one. Shape (dimensions,).

        A log integer has no fixed distance, and counts as continuous.
        """
        return np.array([_step(distribution) for distribution in self.dimensions.values()])

    def point(self, params: dict[str, Any]) -> NDArray[np.float64]:
        """The point of `params`; shape (dimensions,)."""
        return np.array([_scaled(distribution, params[name]) for name, distribution in self.dimensions.items()])

    def params(self, point: NDArray[np.float64]) -> dict[str, float]:
        """The parameters at `point`."""
        return {
            name: _value(distribution, place)
            for (name, distribution), place in zip(self.dimensions.items(), point, strict=True)
        }

    def refuse_others(self, trial: FrozenTrial) -> None:
        """Raises a `ValueError` if `trial` was sampled from other ranges."""
        for name in self._others(trial):
            raise ValueError(
                f"trial {trial.number} was sampled from another space: {name} from {trial.distributions[name]}, the "
                f"study has {self.dimensions[name]}; start a new study"
            )

    def covers(self, trial: FrozenTrial) -> bool:
        """Whether `trial` was sampled from these ranges, as far as it has the dimensions."""
        return not self._others(trial)

    def _others(self, trial: FrozenTrial) -> list[str]:
        """The dimensions that `trial` has from another range."""
        return [
            name
            for name, distribution in self.dimensions.items()
            if trial.distributions.get(name, distribution) != distribution
        ]


def _step(distribution: Numeric) -> float:
    if distribution.log or distribution.step is None:
        return 0.0
    return distribution.step / (distribution.high - distribution.low)


def _scaled(distribution: Numeric, value: float) -> float:
    low, high, scaled = (math.log(v) if distribution.log else v for v in (distribution.low, distribution.high, value))
    return (scaled - low) / (high - low)


def _value(distribution: Numeric, place: float) -> float:
    low, high = (math.log(v) if distribution.log else v for v in (distribution.low, distribution.high))
    value = low + place * (high - low)
    value = math.exp(value) if distribution.log else value
    if distribution.step is not None:
        value = distribution.low + distribution.step * round((value - distribution.low) / distribution.step)
    value = min(max(value, distribution.low), distribution.high)
    return int(value) if isinstance(distribution, IntDistribution) else float(value)
