"""One set of hyperparameters in the file layouts of the tools that train with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from hpo.errors import UserError
from hpo.files.yaml_files import to_yaml
from hpo.runs.run_config import RunConfig
from hpo.terminal.printable import printable
from objectives.own_hyperparameters import OWN_ARGUMENTS, OWN_HYPERPARAMETERS, OWN_POLICY_ARGUMENTS

_SBX_ONLY = ("policy_delay", "layer_norm", "optimizer_class")
_CLIP_OBS = 10.0
"""Stable-Baselines3's own default for VecNormalize."""
PPO_N_STEPS = 2048
"""Steps of a rollout where none are given, Stable-Baselines3's and sbx's."""
_WORD = re.compile(r"[\w.+-]*")
"""A name, or a number as text, as in `auto_0.1`."""


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported."""

    config: RunConfig
    """Task, budget and evaluation."""
    hyperparameters: dict[str, Any]
    n_timesteps: int
    """Environment steps that the budget was good for: the other tools stop by steps, not by the clock."""
    provenance: dict[str, Any]


def hpo_layout(export: Export) -> str:
    """What `hpo train --config` takes."""
    shared = export.config.model_dump(mode="json", include=set(RunConfig.model_fields), exclude_none=True)
    return to_yaml({**shared, "hyperparameters": export.hyperparameters, "provenance": export.provenance})


def zoo_layout(export: Export) -> str:
    """RL Baselines3 Zoo's `hyperparams/sac.yml`: one entry per task, constructor calls as strings.

    Raises:
        UserError: A hyperparameter holds what the Zoo would run as code.
    """
    _refuse_code(export.hyperparameters)
    entry = {
        "n_envs": export.config.n_envs,
        "n_timesteps": float(export.n_timesteps),
        "policy": export.hyperparameters.get("policy", "MlpPolicy"),
        **({"normalize": "{'norm_obs': True, 'norm_reward': False}"} if export.config.normalize else {}),
        **_others(export),
        "policy_kwargs": _constructor(export.hyperparameters.get("policy_kwargs", {})),
    }
    return _header(export, "for RL Baselines3 Zoo with sbx: see its documentation, Stable Baselines Jax") + _yaml(
        {export.config.task: entry}
    )


def sb3_cfg_layout(export: Export) -> str:
    """Isaac Lab's `sb3_*_cfg.yaml`: flat, with torch's classes by name.

    Raises:
        UserError: A hyperparameter holds what Isaac Lab would run as code, or an activation that torch has not.
    """
    _refuse_code(export.hyperparameters)
    policy_kwargs = dict(export.hyperparameters.get("policy_kwargs", {}))
    if "activation_fn" in policy_kwargs:
        policy_kwargs["activation_fn"] = f"nn.{_torch_name(policy_kwargs['activation_fn'])}"
    fields = {
        "seed": 42,
        "n_timesteps": float(export.n_timesteps),
        "policy": export.hyperparameters.get("policy", "MlpPolicy"),
        **_others(export),
        "policy_kwargs": policy_kwargs,
        **(
            {"normalize_input": True, "normalize_value": False, "clip_obs": _CLIP_OBS}
            if export.config.normalize
            else {}
        ),
    }
    sbx_only = [name for name in _SBX_ONLY if name in fields or name in policy_kwargs]
    note = (
        f"for Isaac Lab's Stable-Baselines3 workflow; {', '.join(sbx_only)} are sbx's, torch's SAC does not know them; "
        "sbx takes flax.linen's activation_fn and optax's optimizer_class"
    )
    return _header(export, note if sbx_only else note.partition(";")[0]) + _yaml(fields)


LAYOUTS: dict[str, Callable[[Export], str]] = {"hpo": hpo_layout, "zoo": zoo_layout, "sb3-cfg": sb3_cfg_layout}


def _refuse_code(value: Any) -> None:
    """Raises a `UserError` for text that is more than a name or a number.

    Both tools evaluate text as Python, and a study has many authors.
    """
    match value:
        case dict():
            for key, part in value.items():
                _refuse_code(key)
                _refuse_code(part)
        case list():
            for part in value:
                _refuse_code(part)
        case str() if not _WORD.fullmatch(value):
            raise UserError(f"{value!r} is not exported: the tool that reads this layout would run it as code")


def _others(export: Export) -> dict[str, Any]:
    """Hyperparameters beside the policy's, with a PPO's minibatches as the batch size that other tools take."""
    hyperparameters = export.hyperparameters
    others = {
        key: value for key, value in hyperparameters.items() if key not in ("policy", "policy_kwargs", "n_minibatches")
    }
    if "n_minibatches" in hyperparameters:
        rollout = export.config.n_envs * hyperparameters.get("n_steps", PPO_N_STEPS)
        others["batch_size"] = rollout // hyperparameters["n_minibatches"]
    return others


def _constructor(policy_kwargs: dict[str, Any]) -> str:
    """`dict(...)` as the Zoo evaluates it; it has torch's `nn` at hand, and not what sbx takes."""
    modules = {"activation_fn": ("jax", "nn."), "optimizer_class": ("optax", "")}
    arguments = [
        f"{key}=__import__('{modules[key][0]}').{modules[key][1]}{value}" if key in modules else f"{key}={value!r}"
        for key, value in policy_kwargs.items()
    ]
    return f"dict({', '.join(arguments)})"


def _torch_name(activation: str) -> str:
    names = {"relu": "ReLU", "elu": "ELU", "tanh": "Tanh", "silu": "SiLU", "gelu": "GELU"}
    if activation not in names:
        raise UserError(f"activation {activation!r} is not exported: torch's names are known of {', '.join(names)}")
    return names[activation]


def _header(export: Export, purpose: str) -> str:
    bounds = export.config.action_bounds
    own = [name for name in OWN_HYPERPARAMETERS if name in export.hyperparameters and name != "n_minibatches"]
    of_our_sac = _of_our_sac(export) if export.config.algorithm == "sac" else []
    lines = [
        purpose,
        *(
            [f"{', '.join(of_our_sac)}: of hpo's SAC alone; leave them out, and expect another result"]
            if of_our_sac
            else []
        ),
        *([f"{', '.join(own)}: hpo's own, to be put into the form that the tool takes"] if own else []),
        f"{export.config.task}, {export.n_timesteps:,} steps: what {export.config.budget:g} s of training came to",
        f"{export.config.n_envs} environments: with another number the replay ratio is another"
        f"{_of_the_task(export.config)}",
        *[f"{key}: {value}" for key, value in export.provenance.items()],
    ]
    if bounds is not None:
        lines += [
            "The agent was trained within these action bounds; without them it will not learn:",
            *[f"  {key}: {value}" for key, value in bounds.model_dump(mode="json", exclude_none=True).items()],
        ]
    # A value with a line feed would leave the comment.
    return "".join(f"# {printable(' '.join(line.splitlines()))}\n" for line in lines)


def _of_the_task(config: RunConfig) -> str:
    """What the task was made with beside its name, where it is not the task's own."""
    own = {
        "physics": config.physics,
        "max_episode_steps": config.max_episode_steps,
        **{f"env_kwargs.{name}": value for name, value in config.env_kwargs.items()},
    }
    return "".join(f"; {name}: {value}" for name, value in own.items() if value is not None)


def _of_our_sac(export: Export) -> list[str]:
    policy_kwargs = export.hyperparameters.get("policy_kwargs", {})
    unbounded = export.hyperparameters.get("policy") == "GaussianPolicy"
    return [
        *(["policy: GaussianPolicy"] if unbounded else []),
        *(name for name in OWN_ARGUMENTS if name in export.hyperparameters),
        *(name for name in OWN_POLICY_ARGUMENTS if name in policy_kwargs),
        *(["log_std_init"] if unbounded and "log_std_init" in policy_kwargs else []),
    ]


def _yaml(fields: dict[str, Any]) -> str:
    return yaml.safe_dump(fields, sort_keys=False, width=120)
