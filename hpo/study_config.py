"""The definition of a study: written once, when the study is created."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

import samplers
from hpo.errors import UserError
from hpo.run_config import RunConfig
from hpo.yaml_files import read_yaml


class SamplerConfig(BaseModel):
    """A sampler by name, with its options beside it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str

    @model_validator(mode="after")
    def _can_be_created(self) -> Self:
        if "seed" in (self.model_extra or {}):
            raise ValueError("a sampler has no seed here: each worker draws its own, or all would ask the same points")
        if "search_space" in (self.model_extra or {}):
            raise ValueError("the search space is the study's own field, beside sampler")
        samplers.create_sampler(self.name, **(self.model_extra or {}))
        return self


class PrunerConfig(BaseModel):
    """A pruner by name, with its options beside it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str

    @model_validator(mode="after")
    def _can_be_created(self) -> Self:
        samplers.create_pruner(self.name, **(self.model_extra or {}))
        return self


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _expanded_space(value: Any) -> Any:
    """A name, or a mapping that changes parts of a built-in space, in full.

    The stored definition holds the whole space, so that it means the same when a later version changes a built-in.
    """
    if isinstance(value, str):
        return samplers.named_space(value)
    if not isinstance(value, dict) or value.get("name") not in samplers.SPACES:
        return value
    base = samplers.named_space(value["name"]).model_dump()
    dimensions = value.get("dimensions", {})
    if not isinstance(dimensions, dict) or not all(isinstance(d, dict) for d in dimensions.values()):
        return value
    return {
        **value,
        "dimensions": {
            **base["dimensions"],
            **{name: {**base["dimensions"].get(name, {}), **change} for name, change in dimensions.items()},
        },
        "fixed": {**base["fixed"], **value.get("fixed", {})},
    }


def _known_baseline(name: str) -> str:
    samplers.baseline(name)
    return name


class StudyConfig(RunConfig):
    """A study: what is trained, what is searched, how, and how often."""

    search_space: Annotated[samplers.SearchSpace, BeforeValidator(_expanded_space)]
    sampler: Annotated[SamplerConfig, BeforeValidator(_named)] = SamplerConfig(name="cmaes")
    pruner: Annotated[PrunerConfig, BeforeValidator(_named)] = PrunerConfig(name="none")
    n_trials: Annotated[int, Field(gt=0)] = 100
    baselines: list[Annotated[str, AfterValidator(_known_baseline)]] = Field(default_factory=list)
    """Known hyperparameters that take a trial each before anything is sampled."""


def builtin_studies() -> dict[str, Path]:
    """The definitions that ship with the package, by study name."""
    folder = Path(str(resources.files("hpo") / "studies"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_study_config(path: Path, overrides: dict[str, Any]) -> StudyConfig:
    """Reads a definition and changes single fields of it.

    Args:
        path: A YAML file.
        overrides: Field (dotted for a nested one, `sampler.population_size`) -> value.

    Raises:
        UserError: The file cannot be read, or a field is unknown, of the wrong type or impossible.
    """
    return validate(StudyConfig, override(read_yaml(path), overrides), str(path))


def override(fields: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """`fields` with the dotted `overrides` applied."""
    result = dict(fields)
    for dotted, value in overrides.items():
        key, _, rest = dotted.partition(".")
        if rest:
            inner = _named(result.get(key, {}))
            result[key] = override(inner if isinstance(inner, dict) else {}, {rest: value})
        else:
            result[key] = value
    return result


def validate[Config: RunConfig](kind: type[Config], fields: dict[str, Any], where: str) -> Config:
    """`fields` as a `kind`.

    Raises:
        UserError: One line that names every field at fault.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise UserError(f"{where}: {'; '.join(_fault(fault) for fault in error.errors())}") from error


def _fault(fault: Any) -> str:
    field = ".".join(str(part) for part in fault["loc"]) or "definition"
    if fault["type"] == "extra_forbidden":
        return (
            f"{field} is not a field ({', '.join(StudyConfig.model_fields)})"
            if "." not in field
            else f"{field} is not a field"
        )
    if fault["type"] == "missing":
        return f"{field} is missing"
    return f"{field}: {fault['msg'].removeprefix('Value error, ')} (given {fault['input']!r})"
