"""Makes the dashboard show the pictures of a study in one order: it keeps a set of them."""

from typing import Any

from optuna_dashboard import _custom_plot_data

ORDER = (
    "comparison", "replay-ranking", "search-against-replay", "learning-curves", "studies-compared", "training-signals",
    "actions", "optimization-history", "parallel-coordinates",
)  # fmt: skip
"""How the names of a report's pictures begin: what a replay answers comes first."""

_list_ids = _custom_plot_data.list_graph_object_ids


def pictures_in_order() -> None:
    """From now on, in this process."""
    _custom_plot_data.list_graph_object_ids = ordered_ids


def ordered_ids(system_attrs: dict[str, Any]) -> list[str]:
    """The names of a study's pictures; those of others come last, by name."""
    return sorted(_list_ids(system_attrs), key=lambda name: (_place(name), name))


def _place(name: str) -> int:
    return next((place for place, begins in enumerate(ORDER) if name.startswith(begins)), len(ORDER))
