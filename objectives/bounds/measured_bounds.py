"""Recorded actions -> action bounds: per dimension, the percentiles of what a trained PPO does."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from objectives.errors import ConfigurationError

PERCENTILE = 2.5
"""2.5 and 97.5 (recipes.md section 1, cure (c)); 0.5 and 99.5 where those are too tight."""

LEAST_WIDTH = 0.1
LEAST_SHARE = 0.01
"""A dimension in which the policy hardly moves is given this width, or this share of its space where that is less: a
tenth of the standard deviation that PPO starts with, so that SAC can find out whether it matters."""


@dataclass(frozen=True, slots=True)
class MeasuredBounds:
    """Bounds in the environment's units; every array has the shape `(action_dim,)`."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    share: NDArray[np.float64]
    """Of the width of the task's own space; NaN where that is unbounded."""
    clipped: NDArray[np.float64]
    """Share of the recorded actions outside the bounds."""
    widened: NDArray[np.bool_]
    """Dimensions whose percentiles were (nearly) equal."""


def measured_bounds(
    actions: NDArray[np.float32],
    percentile: float,
    space_low: NDArray[np.float32],
    space_high: NDArray[np.float32],
    names: Sequence[str] | None = None,
) -> MeasuredBounds:
    """The `percentile`-th and `100 - percentile`-th percentile of each dimension, inside the task's own space.

    Args:
        actions: Recorded actions, shape `(steps, action_dim)`.
        percentile: From 0 (all recorded actions) to below 50.
        space_low: The task's own bounds, possibly infinite, shape `(action_dim,)`.
        space_high: See `space_low`.
        names: Of the dimensions, for the error; None: their numbers.

    Raises:
        ConfigurationError: The task's own space leaves a dimension no choice.
    """
    own_low, own_high = space_low.astype(np.float64), space_high.astype(np.float64)
    own_width = own_high - own_low
    if not (own_width > 0).all():
        dimension = dimension_labels(names, len(own_width))[int(np.argmin(own_width))]
        raise ConfigurationError(f"action {dimension} has no width in the task's own space")
    # One dimension after the other: each is copied twice for it, and has millions of numbers.
    low, high = np.transpose(
        [np.percentile(one.astype(np.float64), [percentile, 100 - percentile]) for one in actions.T]
    )
    least = np.minimum(LEAST_WIDTH, LEAST_SHARE * own_width)
    widened = high - low < least
    missing = np.where(widened, least - (high - low), 0.0)
    low, high = low - missing / 2, high + missing / 2
    # At a limit of the space there is room on the other side only.
    over, under = np.maximum(high - own_high, 0.0), np.maximum(own_low - low, 0.0)
    low, high = _rounded(low - over + under, high - over + under)
    low, high = np.maximum(low, own_low), np.minimum(high, own_high)
    return MeasuredBounds(
        low=low,
        high=high,
        share=np.where(np.isfinite(own_width), (high - low) / own_width, np.nan),
        clipped=((actions < low) | (actions > high)).mean(axis=0),
        widened=widened,
    )


def dimension_labels(names: Sequence[str] | None, dimensions: int) -> list[str]:
    """What to call each action dimension: its name, or `dimension 3` where the task gives none."""
    return [f"dimension {number}" for number in range(dimensions)] if names is None else list(names)


def save_actions(path: Path, actions: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32]) -> None:
    """Writes recorded actions, shape `(steps, action_dim)`, with the task's own bounds, shape `(action_dim,)`."""
    np.savez(path, actions=actions, low=low, high=high)


def load_actions(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """What `save_actions` wrote."""
    with np.load(path) as content:
        return content["actions"], content["low"], content["high"]


def _rounded(low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """To a thousandth of the width or less: more digits would only be noise of the recording."""
    decimals = np.ceil(3 - np.log10(high - low)).astype(int)
    return tuple(  # type: ignore[return-value]
        np.array([round(value, int(digits)) for value, digits in zip(values, decimals, strict=True)])
        for values in (low, high)
    )
