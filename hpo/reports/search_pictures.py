"""The pictures of a search, as matplotlib figures."""

import warnings
from collections.abc import Callable

import matplotlib
import optuna
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from optuna.trial import TrialState
from optuna.visualization.matplotlib import plot_optimization_history, plot_parallel_coordinate

from hpo.reports.true_values import shown_dimensions, with_true_values
from hpo.studies.study import OpenStudy


def optimization_history(study: optuna.Study, value: str) -> Figure:
    """Optuna's plot of the `value` of each trial, with the best so far."""
    return _optuna_figure(plot_optimization_history, study, value)


def parallel_coordinates(opened: OpenStudy, value: str) -> Figure:
    """Optuna's plot of the sampled hyperparameters in true values and the `value` they led to, one line per trial."""
    shown = shown_dimensions(opened.config.search_space)
    complete = opened.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    drawn = optuna.create_study(study_name=opened.name, direction="maximize")
    drawn.add_trials([with_true_values(trial, shown) for trial in complete if trial.params])
    return _optuna_figure(plot_parallel_coordinate, drawn, value)


def _optuna_figure(plot: Callable[..., Axes], study: optuna.Study, value: str) -> Figure:
    # Optuna draws with pyplot: no display may be looked for, and the figure must not stay open there.
    with warnings.catch_warnings(), matplotlib.rc_context({"backend": "agg", "figure.figsize": (11, 5)}):
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        # A dimension in which all trials are alike.
        warnings.filterwarnings("ignore", message="Attempting to set identical low and high")
        figure = plot(study, target_name=value).figure
    assert isinstance(figure, Figure)
    pyplot.close(figure)
    return figure
