"""Draws what training was like: losses, entropy, values and speed over seconds of training."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from objectives.run_result import TrainingSignals

_LABELS = {
    "actor_loss": "actor loss",
    "critic_loss": "critic loss",
    "ent_coef": "entropy coefficient",
    "entropy": "entropy of the policy [nats]",
    "mean_q": "mean Q value",
    "policy_kl": "KL divergence of an update",
    "learning_rate": "learning rate of the policy",
    "saturation": "actions at a bound [share]",
    "episode_length": "episode length [steps]",
    "success_rate": "success rate",
    "gradient_steps_per_s": "gradient steps/s",
    "resident_mib": "memory of the runner [MiB]",
}
_LOGARITHMIC = ("critic_loss", "ent_coef", "learning_rate", "policy_kl")
_COLUMNS = 3

Run = tuple[Sequence[float], Mapping[str, Sequence[float | None]]]
"""Seconds of training, and name -> values at these."""


def signals_picture(runs: Mapping[str, Run], title: str) -> Figure:
    """A panel for each signal that a run has, with a line for each run, by its name in `runs`."""
    names = [name for name in TrainingSignals.model_fields if any(_said(run, name) for run in runs.values())]
    if not any(_varies(run, "learning_rate") for run in runs.values()):
        names = [name for name in names if name != "learning_rate"]  # a constant one stands among the hyperparameters
    columns_drawn = max(1, min(_COLUMNS, len(names)))
    rows = max(1, math.ceil(len(names) / _COLUMNS))
    figure = Figure(figsize=(1 + 4 * columns_drawn, 2.6 * rows + 1.0), layout="constrained")
    panels = figure.subplots(rows, columns_drawn, squeeze=False, sharex=True).flatten()
    for axes, name in zip(panels, names, strict=False):
        for number, (seconds, columns) in enumerate(runs.values()):
            if _said((seconds, columns), name):
                values = [np.nan if value is None else value for value in columns[name]]
                axes.plot(seconds, values, color=f"C{number}", marker="o", markersize=2.5, linewidth=1.2)
        axes.set_title(_LABELS[name], fontsize=10)
        if name in _LOGARITHMIC and _positive(runs, name):
            axes.set_yscale("log")
        axes.grid(alpha=0.3)
        axes.set_xlabel("seconds of training", fontsize=9)
        axes.tick_params(labelbottom=True)
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    if names:
        # Of all runs: not each has what the first panel shows.
        handles = [Line2D([], [], color=f"C{number}", label=label) for number, label in enumerate(runs)]
        figure.legend(handles=handles, loc="outside lower center", ncols=5, fontsize=9)
    figure.suptitle(title)
    return figure


def _varies(run: Run, name: str) -> bool:
    return len(set(run[1].get(name, ())) - {None}) > 1


def _said(run: Run, name: str) -> bool:
    return any(value is not None for value in run[1].get(name, ()))


def _positive(runs: Mapping[str, Run], name: str) -> bool:
    return all(value > 0 for _, columns in runs.values() for value in columns.get(name, ()) if value is not None)
