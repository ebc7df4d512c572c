"""One numeric dimension of a search space, and the hyperparameter that its values become."""

import copy
import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from pydantic import BaseModel, ConfigDict, Field, model_validator

from samplers.networks import NETWORKS_OF_0_1

Transform = Literal["identity", "power-of-two", "auto-entropy", "held-noise"]
"""What a sampled value becomes: itself; 2**value; "auto_<value>" (a learned entropy coefficient's initial value);
exploration noise that is held for 2**value environment steps, which is gSDE but for value 0."""


class Dimension(BaseModel):
    """One numeric dimension, so that CMA-ES can model it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: Literal["float", "int"]
    low: float
    high: float
    log: bool = False
    step: Annotated[float, Field(gt=0)] | None = None
    """Distance of neighbouring values; None: 1 for an int, none for a float."""
    choices: list[Any] | None = None
    """What the values 0, 1, ... stand for, in an order in which neighbours are alike. Gives the kind and, unless only a
    part of them is sampled, low and high."""
    hyperparameter: str | None
    """Name of the agent's hyperparameter that the value determines, with dots for a nested one. None: several, and each
    choice is a mapping of them."""
    transform: Transform = "identity"

    @model_validator(mode="before")
    @classmethod
    def _places_of_choices(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and fields.get("transform") == "network":
            fields = {**fields, "transform": "identity", "hyperparameter": None, "choices": list(NETWORKS_OF_0_1)}
        if not isinstance(fields, dict) or not isinstance(fields.get("choices"), list):
            return fields
        return {"kind": "int", "low": 0, "high": len(fields["choices"]) - 1, **fields}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.choices is not None:
            self._refuse_bad_choices()
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"a log dimension needs low > 0, not {self.low:g}")
        if self.log and self.step is not None:
            raise ValueError("a log dimension has no step")
        whole = (self.low, self.high, *([] if self.step is None else [self.step]))
        if self.kind == "int" and not all(number.is_integer() for number in whole):
            raise ValueError(
                f"an int dimension needs whole numbers, not {' and '.join(f'{number:g}' for number in whole)}"
            )
        if self.step is not None and not _is_whole((self.high - self.low) / self.step):
            raise ValueError(f"steps of {self.step:g} do not lead from {self.low:g} to {self.high:g}")
        if self.hyperparameter is None and self.choices is None:
            raise ValueError("a dimension without choices needs the name of a hyperparameter")
        if self.transform in ("power-of-two", "held-noise") and self.kind != "int":
            raise ValueError(f"transform {self.transform} needs kind int")
        if self.transform == "held-noise" and self.low < 0:
            raise ValueError(f"noise is held for one step (2**0) at least, not for 2**{self.low:g}")
        return self

    @classmethod
    def of_choices(cls, hyperparameter: str | None, *choices: Any) -> Self:
        """A dimension whose values stand for `choices`."""
        return cls.model_validate({"hyperparameter": hyperparameter, "choices": list(choices)})

    def distribution(self) -> BaseDistribution:
        """What Optuna samples from."""
        if self.kind == "int":
            return IntDistribution(int(self.low), int(self.high), log=self.log, step=int(self.step or 1))
        return FloatDistribution(self.low, self.high, log=self.log, step=self.step)

    def determines(self) -> list[str]:
        """Names of the hyperparameters that the value becomes, with dots for nested ones."""
        return list(_leaves((self.choices or [{}])[0])) if self.hyperparameter is None else [self.hyperparameter]

    def refuse(self, name: str, value: float) -> None:
        """Raises a `ValueError` if `value` does not lie in the range of the dimension called `name`."""
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise ValueError(f"{name} = {value:g} lies outside {self.low:g} .. {self.high:g}")

    def becomes(self, value: float) -> dict[str, Any]:
        """The hyperparameters that `value` determines, nested."""
        if self.choices is not None:
            choice = copy.deepcopy(self.choices[int(value)])
            return dict(choice) if self.hyperparameter is None else nested(self.hyperparameter, choice)
        assert self.hyperparameter is not None
        match self.transform:
            case "identity":
                return nested(self.hyperparameter, int(value) if self.kind == "int" else value)
            case "power-of-two":
                return nested(self.hyperparameter, 2 ** int(value))
            case "auto-entropy":
                return nested(self.hyperparameter, f"auto_{value}")
            case "held-noise":
                # Held for one step it is noise without gSDE.
                return {"use_sde": True, "sde_sample_freq": 2 ** int(value)} if value >= 1 else {"use_sde": False}

    def value_of(self, hyperparameters: dict[str, Any]) -> float | None:
        """The value that becomes what `hyperparameters` have, or None if there is none."""
        if self.transform == "held-noise":
            return _noise_power(hyperparameters)
        if self.hyperparameter is None:
            places = enumerate(self.choices or ())
            return next((place for place, choice in places if _has(hyperparameters, choice)), None)
        value: Any = hyperparameters
        for part in self.hyperparameter.split("."):
            if not isinstance(value, dict) or part not in value:
                return None
            value = value[part]
        if self.choices is not None:
            return self.choices.index(value) if value in self.choices else None
        if self.transform == "auto-entropy":
            return float(value.removeprefix("auto_")) if isinstance(value, str) and value.startswith("auto_") else None
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        return value if self.transform == "identity" else round(math.log2(value))

    def _refuse_bad_choices(self) -> None:
        assert self.choices is not None
        if len(self.choices) < 2:  # noqa: PLR2004
            raise ValueError("choices need two at least; a single one goes into `fixed`")
        if self.kind != "int" or self.log or self.step is not None:
            raise ValueError("choices stand for themselves: leave kind, log and step out")
        if not 0 <= self.low <= self.high < len(self.choices):
            raise ValueError(f"the choices have the places 0 .. {len(self.choices) - 1}")
        if self.hyperparameter is None and not all(isinstance(choice, dict) for choice in self.choices):
            raise ValueError("without `hyperparameter` each choice is a mapping of hyperparameters")
        if self.transform != "identity":
            raise ValueError(f"choices are not transformed ({self.transform})")


def merge(into: dict[str, Any], update: dict[str, Any]) -> None:
    """Sets in `into` what `update` has, mappings part by part."""
    for key, value in update.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def nested(dotted: str, value: Any) -> dict[str, Any]:
    """`value` under `dotted`: `{"a": {"b": value}}` for `a.b`."""
    key, dot, rest = dotted.partition(".")
    return {key: nested(rest, value)} if dot else {key: value}


def _leaves(mapping: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in mapping.items():
        if key == "policy_kwargs" and isinstance(value, dict):
            yield from _leaves(value, f"{key}.")
        else:
            yield f"{prefix}{key}"


def _has(hyperparameters: Any, choice: Any) -> bool:
    """Whether `hyperparameters` say what `choice` does, whatever else they say."""
    if not isinstance(choice, dict) or not isinstance(hyperparameters, dict):
        return bool(hyperparameters == choice)
    return all(key in hyperparameters and _has(hyperparameters[key], part) for key, part in choice.items())


def _noise_power(hyperparameters: dict[str, Any]) -> int | None:
    """The power of two of the steps that exploration noise is held for; None where they are none, or not said."""
    period = hyperparameters.get("sde_sample_freq", 1) if hyperparameters.get("use_sde") else 1
    if "use_sde" not in hyperparameters or not isinstance(period, int) or period < 1:
        return None
    return period.bit_length() - 1


def _is_whole(number: float) -> bool:
    return math.isclose(number, round(number), abs_tol=1e-9)
