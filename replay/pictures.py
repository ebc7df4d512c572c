"""The pictures of a replay, as matplotlib figures."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from replay.ranking import Ranking, Row
from replay.runs import Outcome, ranked_runs
from replay.statistics import CONFIDENCE

GRID_POINTS = 100
SHOWN_CURVES = 6
"""More could not be told apart by colour."""


FAR = 10.0
"""A value that lies further from the middle half of all than so many times its width is not within the picture: the
return of a policy that ran away would leave no room for the others."""
LABEL_WIDTH = 44
"""Characters in a line of a candidate's name."""

LEAST_FOR_A_BAND = 4
"""Runs: an interval over two or three is wider than the picture and says nothing."""


def replay_ranking(ranking: Ranking, title: str, value: str, order: Sequence[str] = ()) -> Figure:
    """Each candidate's values as dots, with IQM and interval, and its search score beside them.

    From the top in the `order` of these names; without one, best first.
    """
    rows = sorted(ranking.rows, key=lambda row: order.index(row.candidate.name))[::-1] if order else ranking.rows[::-1]
    labels = [textwrap.fill(row.candidate.label, LABEL_WIDTH) for row in rows]
    lines = max((label.count("\n") for label in labels), default=0)
    figure = Figure(figsize=(9, 1.6 + (0.45 + 0.15 * lines) * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    ends = shown_range([value for row in rows for value in row.returns.values()])
    for height, row in enumerate(rows):
        if row.summary.interval is not None:
            axes.plot(row.summary.interval, (height, height), color="tab:blue", linewidth=6, alpha=0.35)
        axes.plot(list(row.returns.values()), [height] * row.summary.n, ".", color="tab:gray", markersize=5)
        axes.plot(row.summary.centre, height, "o", color="tab:blue", markersize=8)
        if ends is not None and not ends[0] <= row.summary.centre <= ends[1]:
            _off_the_scale(axes, row.summary.centre, height, ends)
        if row.candidate.search_score is not None and row.comparable:
            axes.plot(row.candidate.search_score, height, "x", color="tab:red", markersize=8, markeredgewidth=2)
    axes.set_yticks(range(len(rows)), labels, fontsize=9)
    axes.set(xlabel=value, ylim=(-0.6, len(rows) - 0.4), xlim=ends)
    figure.suptitle(title)
    _legend(axes, rows)
    axes.grid(axis="x", alpha=0.3)
    return figure


def shown_range(values: Sequence[float]) -> tuple[float, float] | None:
    """The ends of an axis without the values that lie `FAR` away; None where there are none of these."""
    quarter, three_quarters = np.percentile(values, (25, 75)) if values else (0.0, 0.0)
    reach = FAR * (three_quarters - quarter)
    near = [value for value in values if quarter - reach <= value <= three_quarters + reach]
    if len(near) == len(values) or reach == 0:
        return None
    margin = 0.05 * (max(near) - min(near))
    return float(min(near) - margin), float(max(near) + margin)


def _off_the_scale(axes: Axes, value: float, height: int, ends: tuple[float, float]) -> None:
    """An arrow at the edge, and the number."""
    below = value < ends[0]
    axes.annotate(
        f"{value:.3g}",
        (ends[0] if below else ends[1], height),
        xytext=(26 if below else -26, 0),
        textcoords="offset points",
        ha="left" if below else "right",
        va="center",
        fontsize=9,
        arrowprops={"arrowstyle": "->", "color": "tab:blue", "linewidth": 2},
    )


def _legend(axes: Axes, rows: Sequence[Row]) -> None:
    has_intervals = any(row.summary.interval is not None for row in rows)
    axes.plot([], [], "o", color="tab:blue", label="IQM over seeds" if has_intervals else "mean over seeds")
    if has_intervals:
        axes.plot([], [], color="tab:blue", linewidth=6, alpha=0.35, label="95 % bootstrap interval")
    axes.plot([], [], ".", color="tab:gray", label="one run")
    if any(row.candidate.search_score is not None for row in rows):
        axes.plot([], [], "x", color="tab:red", markeredgewidth=2, label="search score")
    axes.figure.legend(loc="outside lower center", ncols=4)


def search_against_replay(ranking: Ranking, title: str) -> Figure:
    """Search score against replay mean: luck is the distance below the diagonal."""
    rows = [row for row in ranking.rows if row.comparable and row.candidate.search_score is not None]
    figure = Figure(figsize=(5.5, 5), layout="constrained")
    axes = figure.add_subplot()
    for row in rows:
        score = row.candidate.search_score
        assert score is not None
        spread = row.summary.std or 0.0
        axes.errorbar(score, row.summary.mean, yerr=spread, fmt="o", color="tab:red" if row.lucky else "tab:blue")
        axes.annotate(row.candidate.label, (score, row.summary.mean), xytext=(6, 4), textcoords="offset points")
    ends = [*axes.get_xlim(), *axes.get_ylim()]
    axes.plot([min(ends), max(ends)], [min(ends), max(ends)], "--", color="tab:gray", label="no luck")
    axes.set(xlabel="search score (one run)", ylabel="replay mean ± std over seeds", title=title)
    axes.legend()
    axes.grid(alpha=0.3)
    return figure


def learning_curves(ranking: Ranking, outcomes: Sequence[Outcome], title: str) -> Figure:
    """Training returns of the best candidates over seconds and over environment steps, with intervals over seeds.

    Diamonds are evaluations, the last of them at the end of training, so that curve and score meet. On a terrain with
    a curriculum a second row shows its level.
    """
    counted = ranked_runs(outcomes, ranking.setting)
    return curves_of({row.candidate.label: counted[row.candidate.name] for _, row in _best(ranking)}, title)


def curves_of(groups: Mapping[str, Sequence[Outcome]], title: str) -> Figure:
    """As `learning_curves`, of any groups of runs by their names."""
    shown = [(f"C{place}", name, runs) for place, (name, runs) in enumerate(groups.items())]
    with_levels = any(point[3] is not None for _, _, runs in shown for run in runs for point in run.learning_curve)
    n_rows = 1 + with_levels
    figure = Figure(figsize=(11, 4.5 + 3.2 * with_levels + 0.12 * len(shown)), layout="constrained")
    panels = figure.subplots(n_rows, 2, sharex="col", sharey="row", squeeze=False)
    for color, name, runs in shown:
        for column in (0, 1):
            drawn = _curve(panels[0, column], [run.learning_curve for run in runs], column, 2, color, name)
            label = None if drawn else f"{name} (n = {len(runs)}), too few training episodes for a curve"
            _evaluations(panels[0, column], [run.evaluations for run in runs], column, color, label)
            if with_levels:
                _curve(panels[1, column], [run.learning_curve for run in runs], column, 3, color, name)
    panels[0, 0].set_ylabel("mean return of training episodes")
    if with_levels:
        panels[1, 0].set_ylabel("curriculum level")
    panels[-1, 0].set_xlabel("seconds of training")
    panels[-1, 1].set_xlabel("environment steps")
    for axes in panels.flat:
        axes.grid(alpha=0.3)
    panels[0, 0].plot([], [], "D", color="tab:gray", markersize=5, label="evaluation")
    # Below: names of candidates are long, and would lie on the curves.
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    figure.suptitle(title)
    return figure


def _best(ranking: Ranking) -> list[tuple[int, Row]]:
    return list(enumerate(ranking.rows[:SHOWN_CURVES]))


def _evaluations(
    axes: Axes, runs: Sequence[Sequence[tuple[float, int, float]]], position: int, color: str, label: str | None
) -> None:
    """The first evaluations of all runs as one point, their mean, then the second ones, and so on."""
    means = [np.mean([(point[position], point[2]) for point in points], axis=0) for points in zip(*runs, strict=False)]
    if means:
        axes.plot(*np.transpose(means), "D:", color=color, markersize=5, linewidth=1, label=label)


def _curve(axes: Axes, runs: Sequence[Sequence[Any]], position: int, what: int, color: str, label: str) -> bool:
    """Mean over seeds where every seed has a number, and its 95 % interval where there are enough seeds.

    Returns whether it was drawn: not where the seeds have no stretch in common.
    """
    curves = [np.array([(p[position], p[what]) for p in run if p[what] is not None], dtype=float) for run in runs]
    curves = [curve for curve in curves if len(curve) > 1]
    if not curves:
        return False
    start, end = max(curve[0, 0] for curve in curves), min(curve[-1, 0] for curve in curves)
    if start >= end:
        return False
    grid = np.linspace(start, end, GRID_POINTS)
    numbers = np.array([np.interp(grid, curve[:, 0], curve[:, 1]) for curve in curves])
    axes.plot(grid, numbers.mean(axis=0), color=color, label=f"{label} (n = {len(curves)})")
    if len(curves) >= LEAST_FOR_A_BAND:
        half = scipy.stats.t.ppf((1 + CONFIDENCE) / 2, len(curves) - 1) * scipy.stats.sem(numbers, axis=0)
        axes.fill_between(grid, numbers.mean(axis=0) - half, numbers.mean(axis=0) + half, color=color, alpha=0.15)
    return True
