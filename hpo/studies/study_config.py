"""The definition of a study: written once, when the study is created."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

import samplers
from hpo.database.artifact_stores import check_place
from hpo.did_you_mean import one_of
from hpo.errors import UserError
from hpo.faults import message_of
from hpo.files.yaml_files import read_yaml
from hpo.runs.run_config import Count, RunConfig, whole
from hpo.runs.written_hyperparameters import plain_hyperparameters
from hpo.studies.bounds_file import read_bounds
from hpo.studies.searched_settings import divided, searched_settings
from objectives.run_spec import ActionBounds, PpoAlgorithm


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
        samplers.check_sampler(self.name, **(self.model_extra or {}))
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
        return {"function": value} if ":" in value else samplers.named_space(value)
    if not isinstance(value, dict) or "function" in value:
        return value
    if not _all_mappings(value.get("dimensions", {})) or not isinstance(value.get("fixed", {}), dict):
        return value  # the model says what is wrong with it
    # A complete space, as it is stored, says for which algorithms it is.
    partial = value.get("name") in samplers.SPACES and "algorithms" not in value
    base = samplers.named_space(value["name"]).model_dump() if partial else {"dimensions": {}, "fixed": {}}
    algorithms = tuple(value.get("algorithms", base.get("algorithms", ())))
    optional = {name: samplers.optional_dimension(name, algorithms).model_dump() for name in value.get("optional", ())}
    dimensions = {**base["dimensions"], **optional}
    for name, change in value.get("dimensions", {}).items():
        if partial and name not in dimensions and not _is_whole(change):
            raise ValueError(f"search space {value['name']} has no dimension {name}; {one_of(name, dimensions)}")
        dimensions[name] = None if change is None else {**dimensions.get(name, {}), **change}
    return {
        **{key: part for key, part in value.items() if key != "optional"},
        "algorithms": algorithms,
        "dimensions": {name: dimension for name, dimension in dimensions.items() if dimension is not None},
        "fixed": _with_fixed(base["fixed"], plain_hyperparameters(value.get("fixed", {}))),
    }


def _is_whole(dimension: Any) -> bool:
    """Whether it can be a dimension of its own, not a change of one that is there."""
    return isinstance(dimension, dict) and bool({"kind", "choices"} & dimension.keys())


def _with_fixed(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """What is fixed in `base`, changed: of `policy_kwargs` only the parts that are given."""
    kwargs, changed = base.get("policy_kwargs"), changes.get("policy_kwargs")
    merged = {**kwargs, **changed} if isinstance(kwargs, dict) and isinstance(changed, dict) else changed
    return {**base, **changes, **({} if merged is None else {"policy_kwargs": merged})}


def _all_mappings(dimensions: Any) -> bool:
    return isinstance(dimensions, dict) and all(part is None or isinstance(part, dict) for part in dimensions.values())


def _kind_of_space(value: Any) -> str:
    function = isinstance(value, samplers.FunctionSpace) or (isinstance(value, dict) and "function" in value)
    return "FunctionSpace" if function else "SearchSpace"


SpaceField = Annotated[
    Annotated[samplers.SearchSpace, Tag("SearchSpace")] | Annotated[samplers.FunctionSpace, Tag("FunctionSpace")],
    Discriminator(_kind_of_space),
    BeforeValidator(_expanded_space),
]


DEFAULT_BASELINE = "default"
"""The study's algorithm, as it comes."""
BASELINE_NAMES = (*samplers.BASELINES, DEFAULT_BASELINE, *get_args(PpoAlgorithm))


def _known_baseline(name: str) -> str:
    if name not in BASELINE_NAMES:
        raise ValueError(f"no baseline {name!r}; there are {', '.join(BASELINE_NAMES)}")
    return name


_DEFAULT_SAMPLER = "cmaes"
_DEFAULT_BACKEND = RunConfig.model_fields["backend"].default


class StudyConfig(RunConfig):
    """A study: what is trained, what is searched, how, and how often."""

    search_space: SpaceField
    sampler: Annotated[SamplerConfig, BeforeValidator(_named)] = SamplerConfig(name=_DEFAULT_SAMPLER)
    pruner: Annotated[PrunerConfig, BeforeValidator(_named)] = PrunerConfig(name="none")
    n_trials: Count = 100
    baselines: list[Annotated[str, AfterValidator(_known_baseline)]] = Field(default_factory=list)
    """Known hyperparameters that take a trial each before anything is sampled."""
    keep_policies: Annotated[int, Field(ge=0), BeforeValidator(whole)] = 10
    """Of so many of the best trials of a search the policy is kept, and of every run of a replay; 0: of none."""
    artifacts: Annotated[str, AfterValidator(check_place)] | None = None
    """Where they are kept: a folder that all machines share, or s3://BUCKET; none: in the study's database."""

    @model_validator(mode="before")
    @classmethod
    def _algorithm_of_the_space(cls, fields: Any) -> Any:
        """The algorithm that a built-in space is made for, where none is given."""
        if not isinstance(fields, dict) or "algorithm" in fields:
            return fields
        named = _named(fields.get("search_space"))
        space = samplers.SPACES.get(str(named.get("name"))) if isinstance(named, dict) else None
        return fields if space is None else {**fields, "algorithm": space.algorithms[0]}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        made_for = self.search_space.algorithms if isinstance(self.search_space, samplers.SearchSpace) else ()
        if made_for and self.algorithm not in made_for:
            raise ValueError(
                f"search space {self.search_space.name} is made for {', '.join(made_for)}, and algorithm is "
                f"{self.algorithm}"
            )
        return self

    @property
    def is_comparison(self) -> bool:
        """Whether it runs every point of a small space over the same seeds, instead of searching."""
        return self.sampler.name == samplers.GRID

    @model_validator(mode="after")
    def _grid_that_can_be(self) -> Self:
        if not self.is_comparison:
            return self
        if not isinstance(self.search_space, samplers.SearchSpace):
            raise ValueError("sampler: grid needs dimensions that are known beforehand, and no function")
        try:
            points = len(self.search_space.grid())
        except ValueError as error:
            raise ValueError(f"sampler: {error}") from error
        if points > self.n_trials:
            raise ValueError(f"n_trials: the grid has {points} points, and n_trials is {self.n_trials}")
        return self

    @model_validator(mode="after")
    def _settings_that_can_be(self) -> Self:
        """Of a search of settings both ends are definitions; a function is asked when a worker starts."""
        if not isinstance(self.search_space, samplers.SearchSpace) or not searched_settings(self.search_space):
            return self
        own = self.model_dump(include=set(RunConfig.model_fields))
        for example in self.search_space.examples():
            _, changes = divided(self, example)
            try:
                RunConfig.model_validate({**own, **changes})
            except ValidationError as error:
                raise ValueError(
                    f"search_space: {'; '.join(_fault(one, RunConfig) for one in error.errors())}"
                ) from error
        return self


def builtin_studies() -> dict[str, Path]:
    """The definitions that ship with the package, by study name."""
    folder = Path(str(resources.files("hpo.studies") / "builtin"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_study_config(path: Path, overrides: dict[str, Any]) -> StudyConfig:
    """Reads a definition and changes single fields of it.

    Args:
        path: A YAML file.
        overrides: Field (dotted for a nested one, `sampler.population_size`) -> value.

    Raises:
        UserError: The file cannot be read, or a field is unknown, of the wrong type or impossible.
    """
    config = validate(StudyConfig, override(read_definition(path), overrides), str(path))
    limited_in_steps = config.backend == "isaaclab" and config.max_episode_steps is not None
    if limited_in_steps and "episode_length_s" in config.env_kwargs:
        # Not in the model: a study that was stored with both goes on.
        raise UserError(f"{path}: max_episode_steps and env_kwargs.episode_length_s both limit episodes: give one")
    return config


def read_definition(path: Path) -> dict[str, Any]:
    """The fields in a YAML file, with the numbers of the bounds file that `action_bounds` may name beside it.

    Raises:
        UserError: A file cannot be read, or holds something else.
    """
    fields = read_yaml(path)
    bounds = fields.get("action_bounds")
    return {**fields, "action_bounds": read_bounds(path.parent / bounds)} if isinstance(bounds, str) else fields


def override(fields: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """`fields` with the dotted `overrides` applied.

    On Isaac Lab what follows `env_kwargs.` is one name: those of a task's fields have dots themselves.
    """
    result = dict(fields)
    on_isaac_lab = overrides.get("backend", fields.get("backend", _DEFAULT_BACKEND)) == "isaaclab"
    for dotted, value in overrides.items():
        key, _, rest = dotted.partition(".")
        if rest and key == "env_kwargs" and on_isaac_lab:
            inner = result.get(key)
            result[key] = {**(inner if isinstance(inner, dict) else {}), rest: value}
        elif rest:
            inner = _named(result.get(key, _DEFAULT_SAMPLER if key == "sampler" else {}))
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
        raise UserError(f"{where}: {'; '.join(_fault(fault, kind) for fault in error.errors())}") from error


def _fault(fault: Any, kind: type[RunConfig]) -> str:
    # Which kind of space was tried is no part of the field's name.
    parts = [str(part) for part in fault["loc"] if part not in ("SearchSpace", "FunctionSpace")]
    field = ".".join(parts) or "definition"
    if fault["type"] == "extra_forbidden":
        return f"{field} is not a field; {one_of(parts[-1], _fields_beside(parts, kind))}"
    if fault["type"] == "missing":
        return f"{field} is missing"
    return f"{field}: {message_of(fault)} (given {fault['input']!r})"


def _fields_beside(parts: list[str], kind: type[RunConfig]) -> list[str]:
    """The fields that can stand where the last of `parts` stands."""
    match parts[:-1]:
        case []:
            return list(kind.model_fields)
        case ["search_space"]:
            return [*samplers.SearchSpace.model_fields, "optional"]
        case ["search_space", "dimensions", _]:
            return list(samplers.Dimension.model_fields)
        case ["action_bounds"]:
            return list(ActionBounds.model_fields)
    return []
