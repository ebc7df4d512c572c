"""What a trained PPO does with its actions, and what an untrained SAC would do within the old and the new bounds."""

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from objectives.bounds.measured_bounds import MeasuredBounds, dimension_labels

COLUMNS = 4
WIDE = 100.0
"""An unbounded dimension is drawn as Isaac Lab 1.x and 2.x bounded it (recipes.md section 1)."""
MARGIN = 0.35
"""Beside the bounds, in widths of the bounds."""
_BINS = 80


def save_picture(
    path: Path,
    actions: NDArray[np.float32],
    bounds: MeasuredBounds,
    space_low: NDArray[np.float32],
    space_high: NDArray[np.float32],
    title: str,
    names: Sequence[str] | None = None,
) -> None:
    """Draws a panel for each action dimension.

    Args:
        path: PNG file.
        actions: Recorded actions, shape `(steps, action_dim)`.
        bounds: The new bounds.
        space_low: The task's own bounds, possibly infinite, shape `(action_dim,)`.
        space_high: See `space_low`.
        title: Heading of the picture.
        names: Of the dimensions; None: their numbers.
    """
    dimensions = actions.shape[1]
    columns = min(COLUMNS, dimensions)
    rows = math.ceil(dimensions / columns)
    figure = Figure(figsize=(max(4.2 * columns, 8.0), 2.9 * rows + 1.3), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    old_low, old_high = np.maximum(space_low, -WIDE), np.minimum(space_high, WIDE)
    for dimension, (axes, label) in enumerate(zip(panels, dimension_labels(names, dimensions), strict=False)):
        _draw(
            axes,
            actions[:, dimension],
            (float(bounds.low[dimension]), float(bounds.high[dimension])),
            (float(old_low[dimension]), float(old_high[dimension])),
        )
        axes.set_title(f"{label}: {bounds.low[dimension]:g} to {bounds.high[dimension]:g}", fontsize=10)
    for axes in panels[dimensions:]:
        axes.set_axis_off()
    for row in range(rows):
        panels[row * columns].set_ylabel("density")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.suptitle(textwrap.fill(title, int(9.5 * figure.get_figwidth())))
    figure.legend(
        handles, labels, loc="outside lower center", ncols=4, fontsize=9, title="actions in the environment's units",
        title_fontsize=9,
    )  # fmt: skip
    figure.savefig(path, dpi=120, format="png")


def _draw(axes: Axes, actions: NDArray[np.float32], new: tuple[float, float], old: tuple[float, float]) -> None:
    margin = MARGIN * (new[1] - new[0])
    # The new bounds and what surrounds them; of the old bounds as much as that leaves room for.
    view = max(new[0] - margin, old[0] - margin / 4), min(new[1] + margin, old[1] + margin / 4)
    edges = np.linspace(*view, _BINS + 1)
    counts, _ = np.histogram(actions, edges)
    density = counts / (len(actions) * np.diff(edges))
    axes.stairs(density, edges, fill=True, color="tab:blue", alpha=0.45, label="recorded actions of PPO")
    at = np.linspace(*view, 1001)
    initial_new, initial_old = squashed_density(at, *new), squashed_density(at, *old)
    axes.plot(at, initial_old, color="tab:red", linestyle="--", label="initial SAC, old bounds")
    axes.plot(at, initial_new, color="tab:green", label="initial SAC, new bounds")
    for place, bound in enumerate(new):
        axes.axvline(bound, color="black", linewidth=1, label="new bounds" if place == 0 else None)
    # A policy that sits at a limit has one bin that would flatten everything else.
    tallest = max(float(np.quantile(density, 0.98)), float(initial_new.max()))
    axes.set(xlim=view, ylim=(0, 1.3 * tallest))
    inside = 100 * squashed_mass(*new, *old)
    note = f"initial SAC with old bounds [{old[0]:g}, {old[1]:g}]:\n{inside:.2g} % of its actions lie in the new ones"
    axes.text(
        0.5, 0.98, note, transform=axes.transAxes, ha="center", va="top", fontsize=8,
        bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1.5},
    )  # fmt: skip
    axes.grid(alpha=0.25)


def squashed_density(at: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Density of tanh(z) scaled to [low, high], z normal with mean 0 and standard deviation 1; 0 outside.

    Change of variables, as in SAC's log-probability (Haarnoja et al. 2018, arXiv 1812.05905, appendix C).
    """
    unit = 2 * (at - low) / (high - low) - 1
    inside = np.abs(unit) < 1
    unit = np.where(inside, unit, 0.0)
    density = np.exp(-0.5 * np.arctanh(unit) ** 2) / math.sqrt(2 * math.pi) / (1 - unit**2) * 2 / (high - low)
    return np.where(inside, density, 0.0)


def squashed_mass(inner_low: float, inner_high: float, low: float, high: float) -> float:
    """How much of that distribution over [low, high] lies in [inner_low, inner_high]."""

    def below(value: float) -> float:
        unit = min(max(2 * (value - low) / (high - low) - 1, -1.0), 1.0)
        return 0.5 * (1 + math.erf(math.atanh(unit) / math.sqrt(2))) if abs(unit) < 1 else float(unit > 0)

    return below(inner_high) - below(inner_low)
