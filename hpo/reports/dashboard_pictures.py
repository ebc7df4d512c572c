"""Pictures and texts of a study in the dashboard: kept in the storage, so that every machine shows them."""

import base64

import optuna
import plotly.graph_objects as go
from optuna_dashboard import save_note, save_plotly_graph_object


def attach(study: optuna.Study, note: str, pictures: dict[str, bytes]) -> None:
    """Shows `note` as the study's note and each PNG among its graphs, in place of earlier ones of the same name.

    Args:
        study: The study.
        note: Markdown.
        pictures: Name -> PNG.
    """
    save_note(study, note)
    for name, png in pictures.items():
        save_plotly_graph_object(study, _as_plotly(name, png), graph_object_id=name)


def _as_plotly(name: str, png: bytes) -> go.Figure:
    """The dashboard takes plotly figures only; this one is nothing but the picture, below its name."""
    title = {"text": name.replace("-", " ").capitalize(), "x": 0.02}
    figure = go.Figure(layout={"template": "none", "title": title, "margin": {"l": 0, "r": 0, "t": 50, "b": 0}})
    figure.add_layout_image(
        source=f"data:image/png;base64,{base64.b64encode(png).decode()}",
        xref="paper", yref="paper", x=0, y=1, sizex=1, sizey=1, sizing="contain",
    )  # fmt: skip
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure
