"""The networks a search chooses from, ordered by what a gradient step costs."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Network:
    """A named network: the hyperparameters that select it."""

    name: str
    hyperparameters: dict[str, Any]


NETWORKS = (
    Network("medium", {"policy": "MlpPolicy", "policy_kwargs": {"net_arch": [128, 128, 128]}}),
    Network("default", {"policy": "MlpPolicy", "policy_kwargs": {"net_arch": [256, 256]}}),
    Network("large", {"policy": "MlpPolicy", "policy_kwargs": {"net_arch": [512, 256, 128]}}),
    Network("simba", {"policy": "SimbaPolicy", "policy_kwargs": {"net_arch": {"pi": [128], "qf": [256, 256]}}}),
)
"""recipes.md section 3 names the four; the order is ours: by size, so that neighbours are alike and CMA-ES can follow a
slope. The residual network's sizes are those of sbx's own SimBa example."""
