"""Where a kept policy is played: its own environments, as this machine makes them."""

from typing import Any

from hpo.hardware import Hardware
from objectives.run_spec import EnvironmentSpec, RunSpec


def environment_here(
    run: RunSpec, hardware: Hardware, imports: tuple[str, ...], episodes: int, env_kwargs: dict[str, Any] | None = None
) -> EnvironmentSpec:
    """The environments of `run` on this machine, not more than there are `episodes`.

    Args:
        run: The training that made the policy.
        hardware: The device.
        imports: Modules whose tasks register themselves; which, is not for a file to say.
        episodes: How many are played.
        env_kwargs: More arguments of the task.
    """
    return run.environment.model_copy(
        update={
            "device": hardware.device,
            "imports": imports,
            "n_envs": min(episodes, run.environment.n_envs),
            "env_kwargs": {**run.environment.env_kwargs, **(env_kwargs or {})},
        }
    )
