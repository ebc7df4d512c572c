"""Settings of the environment that a search space determines beside the agent's hyperparameters."""

import copy
from typing import Any

from hpo.runs.run_config import RunConfig
from samplers import SearchSpace, merge, nested

SETTINGS = ("n_envs", "action_bounds", "env_kwargs", "random_initial_phase", "normalize", "deterministic")
"""Fields of the definition that a search may change from trial to trial: what trains, and not what is measured.

Task, budget and the episodes of evaluation stay: the values of trials could not be compared. An argument of the task
(`env_kwargs`) is the user's to judge: a reward's weight changes what a return is.
"""


def is_setting(name: str) -> bool:
    """Whether what a dimension determines under `name` (with dots for a part) is no hyperparameter of the agent."""
    return name.partition(".")[0] in SETTINGS


def divided(config: RunConfig, determined: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The agent's hyperparameters in what a search space `determined`, and in what fields the definition changes.

    Of `action_bounds` and `env_kwargs` only the parts that are determined change. A field that comes out as the
    definition has it does not change.
    """
    hyperparameters = {name: value for name, value in determined.items() if name not in SETTINGS}
    own = config.model_dump(mode="json", include=set(SETTINGS), exclude_none=True)
    changes = {}
    for field in SETTINGS:
        if field in determined:
            value = determined[field]
            if field == "env_kwargs" and isinstance(value, dict):
                value = own[field] | dict(_dotted(value))
            elif isinstance(value, dict):
                value = own.get(field, {}) | value
            if value != own.get(field):
                changes[field] = value
    return hyperparameters, changes


def setting_of(config: RunConfig, name: str) -> Any:
    """What `config` has under `name`, which is a setting's; None: nothing."""
    field, _, part = name.partition(".")
    value = config.model_dump(mode="json", include={field})[field]
    return value.get(part) if part and isinstance(value, dict) else value


def with_settings(config: RunConfig, space: SearchSpace, hyperparameters: dict[str, Any]) -> dict[str, Any]:
    """`hyperparameters` with the settings that `space` searches, as `config` has them: perhaps a point of the space."""
    point = copy.deepcopy(hyperparameters)
    for name in searched_settings(space):
        merge(point, nested(name, setting_of(config, name)))
    return point


def searched_settings(space: SearchSpace) -> list[str]:
    """Names of the settings that `space` determines, with dots for a part of a field."""
    return [name for dimension in space.dimensions.values() for name in dimension.determines() if is_setting(name)]


def _dotted(nested: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """The arguments of a task by their names, which may have dots: a field of a field of Isaac Lab's configurations."""
    leaves: list[tuple[str, Any]] = []
    for key, value in nested.items():
        leaves += _dotted(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", value)]
    return leaves
