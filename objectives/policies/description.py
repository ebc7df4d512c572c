"""What a kept policy's file says of itself, and how the file is laid out: numpy's archive, which holds no code."""

import io
import zipfile
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from objectives.errors import ConfigurationError
from objectives.plain import Plain
from objectives.robot_interface import RobotInterface
from objectives.run_spec import RunSpec

Arrays = dict[str, NDArray[Any]]

POLICY_FILE = "policy.npz"
"""What it is called in the folder of one run."""
_DESCRIPTION = "description"


class Description(Plain):
    """How the policy was made, and what its numbers mean."""

    version: Literal[1] = 1
    """Of this format."""
    run: RunSpec
    """The training that made it."""
    observation_shape: tuple[int, ...]
    observation_parts: dict[str, int] | None = None
    """Names of the observation's parts and their lengths, in their order; None where the task gives no names."""
    action_shape: tuple[int, ...]
    action_names: tuple[str, ...] | None = None
    """Of the action dimensions, in their order; None where the task gives no names."""
    action_low: tuple[float, ...]
    """The bounds that the policy was trained with, per dimension, in the task's units."""
    action_high: tuple[float, ...]
    limit_low: tuple[float, ...] | None = None
    """What actions are clipped to, in the task's units; None in the file of an older version, and with PPO."""
    limit_high: tuple[float, ...] | None = None
    interface: RobotInterface | None = None
    """None in the file of an older version, and of a task that does not say."""

    @property
    def is_unbounded(self) -> bool:
        """Whether the bounds are no limits of the policy's actions, but their unit."""
        return self.run.algorithm == "sac" and self.run.hyperparameters.get("policy") == "GaussianPolicy"


def pack(description: Description, arrays: Arrays) -> bytes:
    """The file's content."""
    content = io.BytesIO()
    said = np.frombuffer(description.model_dump_json().encode(), np.uint8)
    np.savez_compressed(content, **{_DESCRIPTION: said}, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


def unpack(content: bytes, where: str) -> tuple[Description, Arrays]:
    """What `pack` put into a file.

    Args:
        content: The file's.
        where: For errors.

    Raises:
        ConfigurationError: It is no policy, or one of another version of hpo.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays: Arrays = dict(archive)
        description = Description.model_validate_json(arrays.pop(_DESCRIPTION).tobytes())
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, fault["loc"])) or "description" for fault in error.errors())
        raise ConfigurationError(
            f"{where} is a policy of another version of hpo (fields {fields}): use that one"
        ) from error
    except (AttributeError, EOFError, KeyError, OSError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ConfigurationError(f"{where} is no policy that hpo saved") from error
    return description, arrays
