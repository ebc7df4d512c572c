"""Hyperparameters as people read them: flat names, and values that fit a cell."""

from collections.abc import Mapping
from typing import Any


def flattened(hyperparameters: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """`hyperparameters` with `policy_kwargs.net_arch` and the like beside the others."""
    flat: dict[str, Any] = {}
    for name, value in hyperparameters.items():
        if name == "policy_kwargs" and isinstance(value, dict):
            flat |= flattened(value, f"{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def short_name(name: str) -> str:
    """A column's name."""
    return name.removeprefix("policy_kwargs.").removeprefix("env_kwargs.")


def short_value(value: Any) -> str:
    """A cell: four digits of a number, the layers of a network with dashes."""
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.4g}"
        case str() if value.startswith("auto_"):
            return f"auto_{float(value.removeprefix('auto_')):.4g}"
        case list() | tuple() if all(isinstance(part, int) for part in value):
            return "-".join(map(str, value))
        case dict():
            return " ".join(f"{name}={short_value(part)}" for name, part in value.items())
        case _:
            return str(value).replace(" ", "")
