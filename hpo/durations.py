"""Durations as people write them: `300`, `90s`, `5m`, `2h`."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_UNITS_S = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration(text: str | float) -> float:
    """Seconds.

    Raises:
        ValueError: `text` is not a positive duration.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", str(text))
    if match is None or float(match[1]) == 0:
        raise ValueError(f"{text!r} is not a duration: write 300, 90s, 5m or 2h")
    return float(match[1]) * _UNITS_S[match[2]]


def format_duration(seconds: float) -> str:
    """Seconds, briefly: `45s`, `5m`, `5m 30s`, `2h 5m`."""
    minutes, whole_seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}h"] * (hours > 0) + [f"{minutes}m"] * (minutes > 0)
    if hours == 0 and (whole_seconds or not parts):
        parts.append(f"{whole_seconds}s")
    return " ".join(parts)


def _seconds(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else value


Duration = Annotated[float, BeforeValidator(_seconds), Field(gt=0)]
"""A pydantic field in seconds that also takes text."""
