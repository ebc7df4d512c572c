"""What `report.html` draws: figures that answer to the mouse, in true values and with units."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from optuna.trial import FrozenTrial
from plotly.subplots import make_subplots

from hpo.trials.finished_trials import value_of
from hpo.trials.record import TrialRecord, read_record
from hpo.trials.shown_hyperparameters import short_name, short_value
from replay.ranking import Ranking
from replay.runs import Outcome

_SLICES = 9
_COORDINATES = 7
_COLUMNS = 3
_COLORS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b")
_LOGARITHMIC = 3.0
"""Positive values whose largest is so many times the smallest are drawn on a logarithmic axis."""
_TICKS = 8
"""So many values at most are ticks themselves."""
_BY_NUMBER = {"colorscale": "Blues", "size": 7, "line": {"width": 0.5, "color": "#445"}}

Curves = Mapping[str, Sequence[Outcome]]
"""Name -> runs of it."""
Tried = Sequence[tuple[FrozenTrial, Mapping[str, Any]]]
"""Trials that gave a value, and what each was given."""


def ranking(ranked: Ranking, runs: Curves, value: str) -> go.Figure:
    """Each candidate's runs as points, its IQM (below four seeds its mean) as a diamond, and the interval of that."""
    figure = go.Figure()
    names = [row.candidate.label for row in reversed(ranked.rows)]
    for row in ranked.rows:
        name, summary = row.candidate.label, row.summary
        outcomes = [run for run in runs.get(row.candidate.name, ()) if not run.diverged]
        centre = summary.mean if summary.iqm is None else summary.iqm
        low, high = summary.interval or (centre, centre)
        interval = {"type": "data", "symmetric": False, "array": [high - centre], "arrayminus": [centre - low]}
        figure.add_scatter(
            x=[run.value for run in outcomes],
            y=[name] * len(outcomes),
            mode="markers",
            marker={"color": "#8899aa", "size": 7, "opacity": 0.7},
            hovertext=[f"seed {run.run.seed}" for run in outcomes],
        )
        figure.add_scatter(
            x=[centre],
            y=[name],
            mode="markers",
            marker={"symbol": "diamond", "size": 11, "color": _COLORS[0]},
            error_x=interval,
            hovertext=["mean" if summary.iqm is None else "IQM and 95 % interval"],
        )
    order = {"categoryorder": "array", "categoryarray": names}
    figure.update_layout(height=110 + 38 * len(names), xaxis_title=value, yaxis=order, showlegend=False)
    return figure


def importance(weights: Mapping[str, float]) -> go.Figure:
    """How much of what the best trials have in common each hyperparameter explains."""
    names = list(reversed([*weights]))
    bars = go.Bar(x=[weights[n] for n in names], y=[short_name(n) for n in names], orientation="h")
    figure = go.Figure(bars)
    figure.update_layout(height=110 + 26 * len(names), xaxis_title="importance (PED-ANOVA, best quarter against all)")
    return figure


def slices(tried: Tried, names: Sequence[str], value: str) -> go.Figure:
    """A panel for each hyperparameter: its true value against what the trial gave; later trials are darker."""
    shown = names[:_SLICES]
    rows = math.ceil(len(shown) / _COLUMNS)
    figure = make_subplots(rows, _COLUMNS, subplot_titles=[short_name(name) for name in shown], shared_yaxes=True)
    for place, name in enumerate(shown):
        row, column = place // _COLUMNS + 1, place % _COLUMNS + 1
        known = [(trial, values[name]) for trial, values in tried if values.get(name) is not None]
        given = [value for _, value in known]
        numbers = _numbers(given)
        figure.add_scatter(
            x=[short_value(one) for one in given] if numbers is None else numbers,
            y=[value_of(trial) for trial, _ in known],
            mode="markers",
            marker={**_BY_NUMBER, "color": [trial.number for trial, _ in known], "cmin": -len(tried) / 2},
            hovertext=[f"trial {trial.number}" for trial, _ in known],
            row=row,
            col=column,
        )
        if numbers is None:
            figure.update_xaxes(type="category", row=row, col=column)
        else:
            axis = "log" if _spread(numbers) else "linear"
            own = sorted(set(numbers))
            ticks = {"tickvals": own, "ticktext": [f"{one:g}" for one in own]} if len(own) <= _TICKS else {"nticks": 5}
            figure.update_xaxes(type=axis, minor_ticks="", row=row, col=column, **ticks)
        if column == 1:
            figure.update_yaxes(title_text=value, row=row, col=column)
    figure.update_layout(height=110 + 240 * rows, showlegend=False)
    return figure


def parallel_coordinates(tried: Tried, names: Sequence[str], value: str) -> go.Figure | None:
    """The important hyperparameters in true values, and what they led to: a line a trial of the study's algorithm.

    Of a space with conditions those that most trials have. None: not even two trials have the same ones.
    """
    common = [name for name in names if 2 * sum(values.get(name) is not None for _, values in tried) > len(tried)]
    shown = common[:_COORDINATES]
    whole = [(trial, values) for trial, values in tried if all(values.get(name) is not None for name in shown)]
    if not shown or len(whole) < 2:  # noqa: PLR2004
        return None
    scores = [value_of(trial) for trial, _ in whole]
    axes = [_axis(short_name(name), [values[name] for _, values in whole]) for name in shown]
    figure = go.Figure(
        go.Parcoords(
            line={"color": scores, "colorscale": "Viridis", "showscale": True, "colorbar": {"title": value}},
            dimensions=[*axes, {"label": value, "values": scores}],
        )
    )
    figure.update_layout(height=460, margin={"l": 90, "r": 60})
    return figure


def curves(groups: Curves) -> go.Figure:
    """Training returns of each run, over seconds and over environment steps; diamonds are evaluations."""
    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.04)
    for place, (name, runs) in enumerate(groups.items()):
        color = _COLORS[place % len(_COLORS)]
        # A line of its own: a run whose training ended no episode has none, and would be missing in the legend.
        figure.add_scatter(x=[None], y=[None], mode="lines", line={"color": color}, name=name, legendgroup=name)
        for run in runs:
            points = [point for point in run.learning_curve if point[2] is not None]
            for column, position in ((1, 0), (2, 1)):
                figure.add_scatter(
                    x=[point[position] for point in points], y=[point[2] for point in points], mode="lines",
                    line={"color": color, "width": 1.5}, opacity=0.75, legendgroup=name,
                    showlegend=False, hovertext=f"seed {run.run.seed}", row=1, col=column,
                )  # fmt: skip
                figure.add_scatter(
                    x=[point[position] for point in run.evaluations], y=[point[2] for point in run.evaluations],
                    mode="markers", marker={"color": color, "symbol": "diamond", "size": 8}, legendgroup=name,
                    showlegend=False, hovertext=f"evaluation, seed {run.run.seed}", row=1, col=column,
                )  # fmt: skip
    figure.update_xaxes(title_text="seconds of training", row=1, col=1)
    figure.update_xaxes(title_text="environment steps", row=1, col=2)
    figure.update_yaxes(title_text="mean return", row=1, col=1)
    figure.update_layout(height=480, legend={"orientation": "h", "y": -0.2})
    return figure


def speed(tried: Tried, value: str) -> go.Figure:
    """What a trial gave against how fast its environments were stepped: more steps are not always more learning."""
    records = [read_record(TrialRecord, trial) for trial, _ in tried]
    ratios = [record.replay_ratio for record in records]
    figure = go.Figure(
        go.Scatter(
            x=[record.steps_per_s for record in records],
            y=[value_of(trial) for trial, _ in tried],
            mode="markers",
            marker={"size": 9, "color": ratios, "colorscale": "Viridis", "colorbar": {"title": "replay ratio"}},
            hovertext=[_hover(trial, values) for trial, values in tried],
        )
    )
    figure.update_layout(height=460, xaxis_title="environment steps/s", yaxis_title=value)
    return figure


def _hover(trial: FrozenTrial, values: Mapping[str, Any]) -> str:
    return "<br>".join([f"trial {trial.number}", *(f"{short_name(k)} {short_value(v)}" for k, v in values.items())])


def _axis(label: str, given: Sequence[Any]) -> dict[str, Any]:
    numbers = _numbers(given)
    if numbers is None:
        texts = [short_value(one) for one in given]
        known = sorted(set(texts))
        return {
            "label": label,
            "values": [known.index(text) for text in texts],
            "tickvals": [*range(len(known))],
            "ticktext": known,
        }
    log = _spread(numbers)
    own = sorted(set(numbers))
    ticks = own if len(own) <= _TICKS else np.linspace(own[0], own[-1], 5).tolist()
    if log and len(own) > _TICKS:
        ticks = np.geomspace(own[0], own[-1], 5).tolist()
    return {
        "label": label,
        "values": np.log10(numbers).tolist() if log else numbers,
        "tickvals": np.log10(ticks).tolist() if log else ticks,
        "ticktext": [f"{tick:.3g}" for tick in ticks],
    }


def _numbers(given: Sequence[Any]) -> list[float] | None:
    """`given` as numbers; that of `auto_0.01` is 0.01, and of `auto` 1, as SB3 has it. None: some are none."""
    plain = [_of_auto(one) if isinstance(one, str) and one.startswith("auto") else one for one in given]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in plain):
        return None
    return [float(one) for one in plain]


def _of_auto(written: str) -> float:
    return float(written.removeprefix("auto").removeprefix("_") or 1.0)


def _spread(numbers: Sequence[float]) -> bool:
    return min(numbers) > 0 and max(numbers) > _LOGARITHMIC * min(numbers)
