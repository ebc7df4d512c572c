"""Search spaces: numeric dimensions to sample, and the one way from sampled values to hyperparameters."""

import copy
import math
from typing import Annotated, Any, Literal, Self

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from pydantic import BaseModel, ConfigDict, Field, model_validator

from samplers.networks import NETWORKS

Transform = Literal["identity", "power-of-two", "auto-entropy", "network"]
"""What a sampled value becomes: itself; 2**value; "auto_<value>" (a learned entropy coefficient's initial value); the
network at that place of `samplers.networks.NETWORKS`."""


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Dimension(_Plain):
    """One numeric dimension, so that CMA-ES can model it."""

    kind: Literal["float", "int"]
    low: float
    high: float
    log: bool = False
    hyperparameter: str
    """Name of the agent's hyperparameter that the value determines."""
    transform: Transform = "identity"

    def distribution(self) -> BaseDistribution:
        """What Optuna samples from."""
        if self.kind == "int":
            return IntDistribution(int(self.low), int(self.high), log=self.log)
        return FloatDistribution(self.low, self.high, log=self.log)

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"a log dimension needs low > 0, not {self.low:g}")
        if self.kind == "int" and not (self.low.is_integer() and self.high.is_integer()):
            raise ValueError(f"an int dimension needs whole bounds, not {self.low:g} and {self.high:g}")
        if self.transform in ("power-of-two", "network") and self.kind != "int":
            raise ValueError(f"transform {self.transform} needs kind int")
        if self.transform == "network" and not (self.low >= 0 and self.high < len(NETWORKS)):
            raise ValueError(f"a network dimension lies within 0 .. {len(NETWORKS) - 1}")
        return self


class SearchSpace(_Plain):
    """What is sampled, and what stays fixed."""

    name: str
    dimensions: Annotated[dict[str, Dimension], Field(min_length=1)]
    fixed: dict[str, Any] = Field(default_factory=dict)
    """Hyperparameters every trial shares; a sampled one of the same name wins."""

    @model_validator(mode="after")
    def _one_dimension_per_hyperparameter(self) -> Self:
        targets = [dimension.hyperparameter for dimension in self.dimensions.values()]
        twice = sorted({target for target in targets if targets.count(target) > 1})
        if twice:
            raise ValueError(f"several dimensions determine {', '.join(twice)}")
        return self

    def sample(self, trial: optuna.Trial) -> dict[str, float]:
        """Asks `trial` for a value of every dimension."""
        return {
            name: trial.suggest_int(name, int(dimension.low), int(dimension.high), log=dimension.log)
            if dimension.kind == "int"
            else trial.suggest_float(name, dimension.low, dimension.high, log=dimension.log)
            for name, dimension in self.dimensions.items()
        }

    def distributions(self) -> dict[str, BaseDistribution]:
        """What Optuna samples from."""
        return {name: dimension.distribution() for name, dimension in self.dimensions.items()}

    def examples(self) -> list[dict[str, Any]]:
        """Hyperparameters that have every name a sample can have: the lowest of all dimensions, and the highest."""
        low, high = (
            {name: getattr(dimension, end) for name, dimension in self.dimensions.items()} for end in ("low", "high")
        )
        return [self.hyperparameters(low), self.hyperparameters(high)]

    def hyperparameters(self, values: dict[str, float]) -> dict[str, Any]:
        """The agent's hyperparameters for sampled `values`.

        The only such conversion: search, replay and export all call it.

        Raises:
            ValueError: A dimension has no value, or one outside its range.
        """
        result = copy.deepcopy(self.fixed)
        for name, dimension in self.dimensions.items():
            if name not in values:
                raise ValueError(f"no value for {name}")
            value = values[name]
            if not math.isfinite(value) or not dimension.low <= value <= dimension.high:
                raise ValueError(f"{name} = {value:g} lies outside {dimension.low:g} .. {dimension.high:g}")
            _merge(result, _transformed(dimension, value))
        return result


def values_of(space: SearchSpace, hyperparameters: dict[str, Any]) -> dict[str, float] | None:
    """The values of `space` that become `hyperparameters`, or None if none do.

    A sampler learns from given hyperparameters only if they are a point of its space.
    """
    values = {}
    for name, dimension in space.dimensions.items():
        value = _inverse(dimension, hyperparameters)
        if value is None or not dimension.low <= value <= dimension.high:
            return None
        values[name] = value
    return values if space.hyperparameters(values) == hyperparameters else None


def _inverse(dimension: Dimension, hyperparameters: dict[str, Any]) -> float | None:
    if dimension.transform == "network":
        return _network_place(hyperparameters)
    given = hyperparameters.get(dimension.hyperparameter)
    if dimension.transform == "auto-entropy":
        return float(given.removeprefix("auto_")) if isinstance(given, str) and given.startswith("auto_") else None
    if not isinstance(given, int | float):
        return None
    return given if dimension.transform == "identity" else round(math.log2(given))


def _network_place(hyperparameters: dict[str, Any]) -> int | None:
    """The place of the network that `hyperparameters` have, whatever else they say of the policy."""
    shape = (hyperparameters.get("policy"), hyperparameters.get("policy_kwargs", {}).get("net_arch"))
    for place, network in enumerate(NETWORKS):
        known = network.hyperparameters
        if shape == (known["policy"], known["policy_kwargs"]["net_arch"]):
            return place
    return None


def replay_ratio(hyperparameters: dict[str, Any], n_envs: int) -> float:
    """Gradient steps per environment step (update-to-data ratio), recipes.md section 3.

    `gradient_steps / (n_envs * train_freq)`; both default to 1, as in sbx.
    """
    return float(hyperparameters.get("gradient_steps", 1) / (n_envs * hyperparameters.get("train_freq", 1)))


def _transformed(dimension: Dimension, value: float) -> dict[str, Any]:
    match dimension.transform:
        case "identity":
            return {dimension.hyperparameter: int(value) if dimension.kind == "int" else value}
        case "power-of-two":
            return {dimension.hyperparameter: 2 ** int(value)}
        case "auto-entropy":
            return {dimension.hyperparameter: f"auto_{value}"}
        case "network":
            return copy.deepcopy(NETWORKS[int(value)].hyperparameters)


def _merge(into: dict[str, Any], update: dict[str, Any]) -> None:
    for key, value in update.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
