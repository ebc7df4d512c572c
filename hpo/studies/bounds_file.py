"""The file that `hpo bounds` writes and a study takes as `action_bounds`."""

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hpo.errors import UserError
from hpo.faults import describe_faults
from hpo.files.yaml_files import read_yaml, to_yaml
from objectives.run_spec import ActionBounds


class _BoundsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)

    low: float | list[float] | None = None
    high: float | list[float] | None = None
    joints: dict[str, list[float]] | None = None
    """Low and high by name, for a task whose action dimensions have names."""
    provenance: dict[str, Any] = Field(default_factory=dict)
    """How they were measured; kept for the reader, not used."""


def read_bounds(path: Path) -> dict[str, Any]:
    """`joints`, or `low` and `high`, of the file, as the field `action_bounds` of a definition.

    Raises:
        UserError: There is no such file, or it holds no action bounds.
    """
    content = read_yaml(path)
    try:
        file = _BoundsFile.model_validate(content)
        fields = {"low": file.low, "high": file.high, "joints": file.joints}
        return _numbers(ActionBounds.model_validate({name: part for name, part in fields.items() if part is not None}))
    except ValidationError as error:
        faults = describe_faults(error, "bounds")
        raise UserError(f"{path} holds no action bounds as hpo bounds writes them ({faults})") from error


def write_bounds(path: Path, header: list[str], bounds: ActionBounds, provenance: dict[str, Any]) -> None:
    """Writes the file at once or not at all.

    Args:
        path: Where to.
        header: Lines of the comment at its top.
        bounds: By name, or one number per dimension.
        provenance: How they were measured.
    """
    comment = "".join(f"# {line}\n" for line in header)
    fields = {**_numbers(bounds), "provenance": provenance}
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(comment + to_yaml(fields))
    unfinished.replace(path)


def _numbers(bounds: ActionBounds) -> dict[str, Any]:
    """As JSON has them, so that what a replay stores equals what is asked for again."""
    return bounds.model_dump(mode="json", include={"low", "high", "joints"}, exclude_none=True)
