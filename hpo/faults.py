"""What pydantic finds wrong with data, in words for one line."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def place_of(fault: ErrorDetails) -> str:
    """Where it is, with dots: `search_space.dimensions.gamma`; empty for the whole."""
    return ".".join(map(str, fault["loc"]))


def message_of(fault: ErrorDetails) -> str:
    """What is wrong there."""
    return fault["msg"].removeprefix("Value error, ")


def describe_faults(error: ValidationError, whole: str) -> str:
    """Each place and what is wrong there, for example `budget: give seconds, or 5m`; `whole` stands for all of it."""
    return "; ".join(dict.fromkeys(f"{place_of(f) or whole}: {message_of(f)}" for f in error.errors()))
