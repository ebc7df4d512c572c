"""Bounds by name: which of them is for which action dimension."""

import re
from collections.abc import Mapping, Sequence

from objectives.errors import ConfigurationError

WHAT_TO_DO = "give the robot bounds of its own (--action-bounds FILE.yaml; `hpo bounds` measures them)"


def bounds_by_dimension(
    joints: Mapping[str, tuple[float, float]], names: Sequence[str], task: str
) -> list[tuple[float, float]]:
    """(low, high) of each dimension, in the order of `names`.

    As in Isaac Lab's configurations (`resolve_matching_names_values`) a key is a regular expression that matches whole
    names, every key matches something, and no name is matched twice. Here every name must be matched, too.

    Args:
        joints: Name or regular expression -> (low, high).
        names: Of the task's action dimensions.
        task: For the error.

    Raises:
        ConfigurationError: One line that names every key and dimension at fault.
    """
    keys = {name: [key for key in joints if _matches(key, name, names)] for name in names}
    used = {key for matching in keys.values() for key in matching}
    faults = [
        *_listed("no dimension matches", [key for key in joints if key not in used]),
        *_listed("no bounds for", [name for name, matching in keys.items() if not matching]),
        *(f"{name} is matched by {' and '.join(matching)}" for name, matching in keys.items() if len(matching) > 1),
    ]
    if faults:
        raise ConfigurationError(
            f"{task} has the action dimensions {', '.join(names)}, and `joints` in action_bounds does not fit: "
            f"{'; '.join(faults)}. Each dimension must be matched exactly once; {WHAT_TO_DO}"
        )
    return [joints[key] for (key,) in keys.values()]


def _matches(key: str, name: str, names: Sequence[str]) -> bool:
    # A name stands for itself, whatever it would mean as a regular expression: `arm[0]`.
    return key == name if key in names else re.fullmatch(key, name) is not None


def _listed(what: str, names: list[str]) -> list[str]:
    return [f"{what} {', '.join(names)}"] if names else []
