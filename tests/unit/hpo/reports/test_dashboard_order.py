"""The pictures of a study come in the report's order, whatever the order of the dashboard's set."""

import optuna
import plotly.graph_objects as go
from optuna_dashboard import _custom_plot_data, save_plotly_graph_object

from hpo.reports.dashboard_order import ORDER, ordered_ids, pictures_in_order


def test_a_replays_answer_comes_first_and_others_last() -> None:
    study = optuna.create_study()
    names = ("mine", "parallel-coordinates", "a-plot", "replay-ranking-2", "learning-curves", "replay-ranking")
    for name in names:
        save_plotly_graph_object(study, go.Figure(), graph_object_id=name)
    attrs = study._storage.get_study_system_attrs(study._study_id)
    expected = ["replay-ranking", "replay-ranking-2", "learning-curves", "parallel-coordinates", "a-plot", "mine"]
    assert ordered_ids(attrs) == expected
    pictures_in_order()
    assert list(_custom_plot_data.get_plotly_graph_objects(attrs)) == expected
    assert len(set(ORDER)) == len(ORDER)
