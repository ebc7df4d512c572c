"""An agent that only acts needs no memory of experience."""

from typing import Any

from objectives.agents.factory import AGENT_KINDS
from objectives.run_spec import Algorithm


def smallest(hyperparameters: dict[str, Any], algorithm: Algorithm, n_envs: int) -> dict[str, Any]:
    """`hyperparameters` of the same network, with the smallest replay or rollout buffer."""
    if AGENT_KINDS[algorithm].on_policy:
        return {**hyperparameters, "n_steps": 2, "batch_size": 2 * n_envs}
    return {**hyperparameters, "buffer_size": n_envs}
