"""The figures of the report's page, of spaces of every kind."""

from optuna.trial import TrialState, create_trial

from hpo.reports.page_figures import Tried, parallel_coordinates


def tried(*values: dict[str, float]) -> Tried:
    return [(create_trial(state=TrialState.COMPLETE, value=float(n)), given) for n, given in enumerate(values)]


def test_hyperparameters_that_exclude_one_another_have_no_axes_beside_one_another() -> None:
    trials = tried({"a": 1, "b": 1}, {"a": 2, "c": 1}, {"a": 3, "b": 2}, {"a": 4, "c": 2})
    figure = parallel_coordinates(trials, ["a", "b", "c"], "return")
    assert figure is not None
    assert [axis.label for axis in figure.data[0].dimensions] == ["a", "return"]
    assert parallel_coordinates(tried({"b": 1}, {"c": 1}), ["b", "c"], "return") is None


def test_a_trial_of_another_algorithm_has_no_line() -> None:
    figure = parallel_coordinates(tried({"a": 1, "b": 1}, {"a": 2, "b": 3}, {"n_steps": 8}), ["a", "b"], "return")
    assert figure is not None
    assert list(figure.data[0].line.color) == [0.0, 1.0]
