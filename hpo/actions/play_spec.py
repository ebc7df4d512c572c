"""Where a kept policy is played: its own environments, as this machine makes them."""

from hpo.hardware import Hardware
from objectives.run_spec import EnvironmentSpec, RunSpec


def environment_here(
    run: RunSpec,
    hardware: Hardware,
    imports: tuple[str, ...],
    episodes: int,
    command: tuple[float, float, float] | None = None,
) -> EnvironmentSpec:
    """The environments of `run` on this machine.

    Not more than there are `episodes`, unless those are as many as the run was evaluated on: then all, so that the
    same ones of the same environments count.

    Args:
        run: The training that made the policy.
        hardware: The device.
        imports: Modules whose tasks register themselves; which, is not for a file to say.
        episodes: How many are played.
        command: What each robot is told; None: what the task commands.
    """
    again = episodes == run.n_eval_episodes
    return run.environment.model_copy(
        update={
            "device": hardware.device,
            "imports": imports,
            "n_envs": run.environment.n_envs if again else min(episodes, run.environment.n_envs),
            "command": command,
        }
    )
