"""What a configuration costs to train: the tie-breaker among configurations that are equally good."""

import itertools
from typing import Any


def network_size(hyperparameters: dict[str, Any]) -> int:
    """Weights between the hidden layers, a measure of size that needs no task: actor's and critic's added up.

    The first and last layer's weights depend on the task's spaces and are left out.
    """
    net_arch = hyperparameters.get("policy_kwargs", {}).get("net_arch", [256, 256])
    if isinstance(net_arch, dict):
        return sum(_weights(sizes) for sizes in net_arch.values())
    return 2 * _weights(net_arch)


def _weights(sizes: list[int]) -> int:
    return sum(a * b for a, b in itertools.pairwise(sizes)) + sum(sizes)
