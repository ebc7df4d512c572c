"""The networks a search chooses from, ordered by what a gradient step costs."""

from typing import Any

_MEDIUM: dict[str, Any] = {"policy": "MlpPolicy", "policy_kwargs": {"net_arch": [128, 128, 128]}}
_DEFAULT: dict[str, Any] = {"policy": "MlpPolicy", "policy_kwargs": {"net_arch": [256, 256]}}
_LARGE: dict[str, Any] = {"policy": "MlpPolicy", "policy_kwargs": {"net_arch": [512, 256, 128]}}
_SIMBA: dict[str, Any] = {"policy": "SimbaPolicy", "policy_kwargs": {"net_arch": {"pi": [128], "qf": [256, 256]}}}

NETWORKS = (_MEDIUM, _DEFAULT, _LARGE, _SIMBA)
"""recipes.md section 3 names the four; the order is ours: by size, so that neighbours are alike and CMA-ES can follow a
slope. The residual network's sizes are those of sbx's own SimBa example."""

NETWORKS_OF_0_1 = (_MEDIUM, _DEFAULT, _LARGE, _SIMBA)
"""What the places 0 to 3 mean in a study that version 0.1 stored (`transform: network`). Never to be changed."""
