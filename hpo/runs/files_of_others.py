"""Training files of RL Baselines3 Zoo and of Isaac Lab's Stable-Baselines3 workflow, as runs of ours."""

from pathlib import Path
from typing import Any, get_args

from hpo.errors import UserError
from objectives.run_spec import Algorithm

_ALGORITHMS: dict[str, Algorithm] = {
    "sac": "sac",
    "tqc": "tqc",
    "crossq": "crossq",
    "td3": "td3",
    "ppo": "ppo",
    "sb3_ppo_cfg": "sb3-ppo",
}
"""By the stem of the file's name; the Zoo's are named by their algorithm."""
_KNOWN: tuple[Algorithm, ...] = get_args(Algorithm)
_NOT_THE_AGENTS = (
    "n_timesteps", "n_envs", "normalize", "normalize_input", "normalize_value", "clip_obs", "seed", "device",
)  # fmt: skip
"""Of the run; the seed and the device are given on the command line."""


def run_fields(path: Path, content: dict[str, Any], task: str | None, algorithm: Any) -> dict[str, Any]:
    """The fields of a run that `content` describes; one of ours stays as it is, with `task` in the place of its own.

    Args:
        path: Where `content` was read.
        content: A run of ours; tasks with hyperparameters (the Zoo's file); or hyperparameters and what stands beside
            them (Isaac Lab's).
        task: What to train on; None: the file says it.
        algorithm: What to train; None: the name of the file says it.

    Raises:
        UserError: It is none of these, or asks for something that hpo has not.
    """
    if "hyperparameters" in content:
        return content if task is None else {**content, "task": task}
    entry, name = _entry(path, content, task)
    known = algorithm or _ALGORITHMS.get(path.stem)
    if known is None:
        raise UserError(f"{path} does not say its algorithm: say --set algorithm=sac (or ppo, td3, tqc, crossq)")
    if name is None:
        raise UserError(f"{path} does not name its task: say --task TASK")
    for field in ("env_wrapper", "vec_env_wrapper", "callback", "frame_stack", "env_kwargs", "normalize_kwargs"):
        if entry.get(field):
            raise UserError(f"{path}: hpo train has no {field}: register a task that has it, and take it out here")
    if entry.get("normalize_value") or "norm_reward': True" in str(entry.get("normalize", "")):
        raise UserError(f"{path}: hpo train does not normalize rewards: take that out")
    return {
        "backend": "isaaclab" if name.startswith("Isaac") else "gymnasium",
        "task": name,
        "algorithm": known,
        "n_envs": entry.get("n_envs", 1024 if name.startswith("Isaac") else 1),
        "max_steps": entry.get("n_timesteps", 1_000_000),
        "normalize": bool(entry.get("normalize", entry.get("normalize_input", False))),
        "hyperparameters": {key: value for key, value in entry.items() if key not in _NOT_THE_AGENTS},
    }


def hyperparameters_in(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """The hyperparameters in a file of ours, of the Zoo with one task, or of Isaac Lab.

    Raises:
        UserError: There are none, or those of several tasks.
    """
    if "hyperparameters" in content:
        hyperparameters = content["hyperparameters"]
    else:
        entry, _ = _entry(path, content, None)
        hyperparameters = {key: value for key, value in entry.items() if key not in _NOT_THE_AGENTS}
    if not isinstance(hyperparameters, dict) or not hyperparameters:
        raise UserError(f"{path} holds no hyperparameters")
    return hyperparameters


def algorithm_in(path: Path, content: dict[str, Any]) -> Algorithm | None:
    """What the hyperparameters in such a file are for, as a file of ours says, or another's name; None: neither does.

    Raises:
        UserError: There is no such algorithm.
    """
    if "hyperparameters" not in content:
        return _ALGORITHMS.get(path.stem)
    algorithm = content.get("algorithm")
    if algorithm is not None and algorithm not in _KNOWN:
        raise UserError(f"{path}: no algorithm {algorithm!r}; there are {', '.join(_KNOWN)}")
    return algorithm


def _entry(path: Path, content: dict[str, Any], task: str | None) -> tuple[dict[str, Any], str | None]:
    """What is said of one task, and its name."""
    if not all(isinstance(value, dict) for value in content.values()):
        return content, task
    if task in content:
        return content[task], task
    if len(content) == 1:
        ((name, entry),) = content.items()
        return entry, task or name
    raise UserError(f"{path} has {len(content)} tasks: choose one with --task ({', '.join(list(content)[:5])}, ...)")
