"""How a policy uses its actions: where between the bounds they lie, and how often it is held up by a bound."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from objectives.policies.play import TIGHT, ActionUse
from objectives.run_result import AT_A_BOUND

_COLUMNS = 4
_BINS = 60
_FAR = 10.0
"""Bounds that lie so many times further apart than the actions are not drawn: of PPO they are at 100 and -100."""


def action_uses(
    actions: NDArray[np.float32],
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    limits: tuple[NDArray[np.float32], NDArray[np.float32]],
    names: Sequence[str],
) -> tuple[ActionUse, ...]:
    """What each dimension of `actions`, shape `(steps, action_dim)`, shows between its bounds.

    Args:
        actions: In the task's units.
        low: Lower bounds.
        high: Upper ones.
        limits: What holds actions up: the bounds or, of an unbounded policy, what its actions are clipped to.
        names: Of the dimensions.
    """
    return tuple(
        ActionUse(
            name=name,
            low=float(low[i]),
            high=float(high[i]),
            mean=float(actions[:, i].mean()),
            percentile_1=float(np.percentile(actions[:, i], 1)),
            percentile_99=float(np.percentile(actions[:, i], 99)),
            saturated=saturated(actions[:, i], float(limits[0][i]), float(limits[1][i])),
            beyond_bounds=beyond(actions[:, i], float(low[i]), float(high[i])),
        )
        for i, name in enumerate(names)
    )


def saturated(actions: NDArray[np.float32], low: float, high: float) -> float:
    """Share of `actions` that lie at `low` or `high`."""
    margin = AT_A_BOUND * (high - low)
    return float(np.mean((actions <= low + margin) | (actions >= high - margin)))


def beyond(actions: NDArray[np.float32], low: float, high: float) -> float:
    """Share of `actions` that lie beyond `low` or `high`, and not only by rounding."""
    margin = AT_A_BOUND * (high - low)
    return float(np.mean((actions < low - margin) | (actions > high + margin)))


def save_actions_picture(path: Path, actions: NDArray[np.float32], uses: Sequence[ActionUse], title: str) -> None:
    """Draws the distribution of each dimension between its bounds, and says how much of it is saturated."""
    columns = min(_COLUMNS, len(uses))
    rows = math.ceil(len(uses) / columns)
    figure = Figure(figsize=(max(3.4 * columns, 7.0), 2.3 * rows + 1.0), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    unbounded = any(use.beyond_bounds for use in uses)
    for i, use in enumerate(uses):
        axes, tight = panels[i], use.saturated >= TIGHT
        left, right = _drawn_range(use)
        edges = np.linspace(left, right, _BINS + 1)
        axes.hist(actions[:, i], edges, density=True, color="tab:red" if tight else "tab:blue", alpha=0.6)
        for bound in (use.low, use.high):
            if left <= bound <= right:
                axes.axvline(bound, color="black", linewidth=1)
        margin = 0.05 * (right - left)
        axes.set_xlim(left - margin, right + margin)
        axes.set_yticks([])
        share = f"{100 * use.beyond_bounds:.1f} % beyond" if unbounded else f"{100 * use.saturated:.1f} % at a bound"
        if not left <= use.low < use.high <= right:
            share = f"bounds {use.low:g} and {use.high:g}, not drawn"
        axes.set_title(f"{use.name}\n{share}", fontsize=9)
        axes.grid(alpha=0.25)
    for axes in panels[len(uses) :]:
        axes.set_axis_off()
    red = f"{100 * TIGHT:.0f} % or more lie at a bound that may be too tight"
    what = "this policy's unit and no limit" if unbounded else f"in the task's units; red: {red}"
    figure.suptitle(f"{title}\nbounds in black, {what}", fontsize=10)
    figure.savefig(path, dpi=120, format="png")


def _drawn_range(use: ActionUse) -> tuple[float, float]:
    """From bound to bound, and as far beyond as actions go; around the actions alone where bounds lie far away."""
    used = max(use.percentile_99 - use.percentile_1, 1e-6)
    if use.high - use.low > _FAR * used and use.saturated < TIGHT:
        return use.percentile_1 - 0.5 * used, use.percentile_99 + 0.5 * used
    return min(use.low, use.percentile_1), max(use.high, use.percentile_99)
