"""Draws what policies did at the start, in the middle and at the end of training, dimension by dimension."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from objectives.run_result import ActionsOverTraining

_COLUMNS = 4
_FAR = 1.5
"""A bound that lies further from the actions than so many times their range is not drawn."""


def actions_over_training(runs: Mapping[str, ActionsOverTraining], names: Sequence[str], title: str) -> Figure:
    """A panel for each dimension with three boxes for each run, by its name in `runs`, between its bounds.

    Args:
        runs: What was recorded.
        names: Of the dimensions.
        title: Says what `runs` are.
    """
    columns = min(_COLUMNS, len(names))
    rows = math.ceil(len(names) / columns)
    figure = Figure(figsize=(max(3.4 * columns, 8.0), 2.7 * rows + 1.4), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for dimension, (axes, name) in enumerate(zip(panels, names, strict=False)):
        _draw(axes, runs, dimension)
        axes.set_title(name, fontsize=9)
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    handles = [Patch(facecolor=f"C{number}", label=label) for number, label in enumerate(runs)]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9)
    figure.suptitle(
        f"{title}\nthe policy's samples at start, middle and end of training, in the task's units:\n"
        "median, half and 95 % of them; lines: the bounds",
        fontsize=10,
    )
    return figure


def _draw(axes: Axes, runs: Mapping[str, ActionsOverTraining], dimension: int) -> None:
    boxes = [
        (4 * number + place, number, at.quantiles[dimension])
        for number, run in enumerate(runs.values())
        for place, at in enumerate((run.start, run.middle, run.end))
        if at is not None
    ]
    if not boxes:
        return  # no action was a number, and the run ended with the first
    for place, number, quantiles in boxes:
        drawn = axes.bxp([_box(quantiles)], positions=[place], widths=0.8, showfliers=False, patch_artist=True)
        drawn["boxes"][0].set(facecolor=f"C{number}", alpha=0.45 + 0.25 * (place % 4))
        drawn["medians"][0].set(color="black")
    lowest, highest = min(q[0] for *_, q in boxes), max(q[-1] for *_, q in boxes)
    reach = _FAR * max(highest - lowest, 1e-6)
    for number, run in enumerate(runs.values()):
        for bound in (run.low[dimension], run.high[dimension]):
            if lowest - reach <= bound <= highest + reach:
                axes.hlines(bound, 4 * number - 0.6, 4 * number + 2.6, color=f"C{number}", linewidth=1.5)
    moments = ("start", "middle", "end")
    shown = [moments[place % 4] if len(runs) == 1 else moments[place % 4][0] for place, *_ in boxes]
    axes.set_xticks([place for place, *_ in boxes], shown, fontsize=8)
    axes.grid(alpha=0.25, axis="y")


def _box(quantiles: Sequence[float]) -> dict[str, Any]:
    low, quarter, median, three_quarters, high = quantiles
    return {"whislo": low, "q1": quarter, "med": median, "q3": three_quarters, "whishi": high}
