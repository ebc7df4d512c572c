"""Search spaces: numeric dimensions to sample, and the one way from sampled values to hyperparameters."""

import copy
import itertools
from typing import Annotated, Any, Self

import optuna
from optuna.distributions import BaseDistribution
from pydantic import BaseModel, ConfigDict, Field, model_validator

from samplers.dimension import Dimension, merge


class SearchSpace(BaseModel):
    """What is sampled, and what stays fixed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str
    algorithms: tuple[str, ...] = ()
    """Algorithms it is made for, the usual one first; none: any."""
    dimensions: Annotated[dict[str, Dimension], Field(min_length=1)]
    fixed: dict[str, Any] = Field(default_factory=dict)
    """Hyperparameters every trial shares; a sampled one of the same name wins."""

    @model_validator(mode="before")
    @classmethod
    def _named_like_their_hyperparameters(cls, fields: Any) -> Any:
        """A dimension that names no hyperparameter has the hyperparameter's name."""
        if not isinstance(fields, dict) or not isinstance(fields.get("dimensions"), dict):
            return fields
        dimensions = {
            name: {"hyperparameter": name, **dimension} if isinstance(dimension, dict) else dimension
            for name, dimension in fields["dimensions"].items()
        }
        return {**fields, "dimensions": dimensions}

    @model_validator(mode="after")
    def _one_dimension_per_hyperparameter(self) -> Self:
        targets = [target for dimension in self.dimensions.values() for target in dimension.determines()]
        twice = sorted({target for target in targets if targets.count(target) > 1})
        if twice:
            raise ValueError(f"several dimensions determine {', '.join(twice)}")
        return self

    def sample(self, trial: optuna.Trial) -> dict[str, float]:
        """Asks `trial` for a value of every dimension."""
        return {name: _suggested(trial, name, dimension) for name, dimension in self.dimensions.items()}

    def distributions(self) -> dict[str, BaseDistribution]:
        """What Optuna samples from."""
        return {name: dimension.distribution() for name, dimension in self.dimensions.items()}

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
            dimension.refuse(name, values[name])
            merge(result, dimension.becomes(values[name]))
        return result

    def grid(self) -> list[dict[str, float]]:
        """Every point of a space without a continuous dimension, the last dimension changing fastest.

        Raises:
            ValueError: A dimension is continuous.
        """
        for name, dimension in self.dimensions.items():
            if dimension.kind != "int":
                raise ValueError(f"{name} is continuous: a grid needs choices, or kind int")
        places = [
            range(int(dimension.low), int(dimension.high) + 1, int(dimension.step or 1))
            for dimension in self.dimensions.values()
        ]
        return [dict(zip(self.dimensions, map(float, point), strict=True)) for point in itertools.product(*places)]

    def examples(self) -> list[dict[str, Any]]:
        """Hyperparameters that have every name and every choice that a sample can have."""
        low = {name: dimension.low for name, dimension in self.dimensions.items()}
        high = {name: dimension.high for name, dimension in self.dimensions.items()}
        inner = [
            {**low, name: float(place)}
            for name, dimension in self.dimensions.items()
            for place in (range(int(dimension.low) + 1, int(dimension.high)) if dimension.choices else ())
        ]
        return [self.hyperparameters(values) for values in (low, high, *inner)]


def values_of(space: SearchSpace, hyperparameters: dict[str, Any]) -> dict[str, float] | None:
    """The values of `space` that become `hyperparameters`, or None if none do.

    A sampler learns from given hyperparameters only if they are a point of its space.
    """
    values = {}
    for name, dimension in space.dimensions.items():
        value = dimension.value_of(hyperparameters)
        if value is None or not dimension.low <= value <= dimension.high:
            return None
        values[name] = value
    return values if space.hyperparameters(values) == hyperparameters else None


def replay_ratio(hyperparameters: dict[str, Any], n_envs: int) -> float:
    """Gradient steps per environment step (update-to-data ratio), recipes.md section 3.

    Off-policy `gradient_steps / (n_envs * train_freq)`; both default to 1, as in sbx. On-policy the minibatches of all
    epochs per rollout of `n_envs * n_steps`, by `n_minibatches` or `batch_size`; the defaults are PPO's.
    """
    if "n_epochs" in hyperparameters:
        rollout = n_envs * hyperparameters.get("n_steps", 2048)
        minibatches = hyperparameters.get("n_minibatches", rollout / hyperparameters.get("batch_size", 64))
        return float(hyperparameters["n_epochs"] * minibatches / rollout)
    return float(hyperparameters.get("gradient_steps", 1) / (n_envs * hyperparameters.get("train_freq", 1)))


def _suggested(trial: optuna.Trial, name: str, dimension: Dimension) -> float:
    low, high, log, step = dimension.low, dimension.high, dimension.log, dimension.step
    if dimension.kind == "int":
        return trial.suggest_int(name, int(low), int(high), log=log, step=int(step or 1))
    return trial.suggest_float(name, low, high, log=log, step=step)
