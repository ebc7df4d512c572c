"""What a run tells TensorBoard and Weights & Biases, beside its study."""

from typing import Any, Protocol

from stable_baselines3.common.logger import HParam, TensorBoardOutputFormat

from objectives.errors import ConfigurationError
from objectives.run_result import CurvePoint, RunResult
from objectives.run_spec import RunSpec

_RETURN = "rollout/ep_rew_mean"  # Stable-Baselines3's names, so that curves lie beside those of other runs
_SCORE = "eval/mean_reward"


class RunLog(Protocol):
    """Takes a run's points as they come, over environment steps."""

    def write(self, numbers: dict[str, float], step: int) -> None:
        """Numbers by their tags."""

    def close(self) -> None:
        """No more will come."""


def run_logs(spec: RunSpec) -> list[RunLog]:
    """The logs that a run asks for.

    Raises:
        ConfigurationError: What one of them needs is not there.
    """
    logs: list[RunLog] = []
    if spec.tensorboard_dir is not None:
        logs.append(TensorBoardLog(spec.tensorboard_dir, spec.hyperparameters))
    if spec.wandb is not None:
        logs.append(WandbLog(spec.wandb.project, spec.wandb.name, spec))
    return logs


def of_point(point: CurvePoint) -> dict[str, float]:
    """What a point of the learning curve says, by tag."""
    signals = point.signals
    numbers = {
        _RETURN: point.mean_return,
        "rollout/ep_len_mean": signals.episode_length,
        "rollout/success_rate": signals.success_rate,
        "rollout/curriculum_level": point.curriculum_level,
        "rollout/saturation": signals.saturation,
        "train/actor_loss": signals.actor_loss,
        "train/critic_loss": signals.critic_loss,
        "train/ent_coef": signals.ent_coef,
        "train/entropy": signals.entropy,
        "train/mean_q": signals.mean_q,
        "train/policy_kl": signals.policy_kl,
        "train/learning_rate": signals.learning_rate,
        "time/elapsed_s": point.elapsed_s,
        "time/gradient_steps_per_s": signals.gradient_steps_per_s,
        "time/resident_mib": signals.resident_mib,
    }
    return {name: value for name, value in numbers.items() if value is not None}


def of_result(result: RunResult) -> dict[str, float]:
    """What the evaluation gave, by tag; nothing of a run that diverged."""
    evaluation = result.evaluation
    if evaluation is None:
        return {}
    return {_SCORE: evaluation.mean_return, "eval/mean_ep_length": evaluation.mean_episode_length}


class TensorBoardLog:
    """A run's events for TensorBoard, with its hyperparameters.

    Args:
        folder: Of the run; made if it is not there.
        hyperparameters: The run's.

    Raises:
        ConfigurationError: TensorBoard is not installed, or the folder cannot be written.
    """

    def __init__(self, folder: str, hyperparameters: dict[str, Any]) -> None:
        try:
            self._output = TensorBoardOutputFormat(folder)
        except AssertionError as error:
            raise ConfigurationError("--tensorboard needs a package: pip install 'hpo[tensorboard]'") from error
        except OSError as error:
            raise ConfigurationError(f"--tensorboard {folder} cannot be written: {error.strerror}") from error
        hparams = HParam(_flat(hyperparameters), {_SCORE: 0.0, _RETURN: 0.0})
        self._output.write({"hparams": hparams}, {"hparams": ()}, 0)

    def write(self, numbers: dict[str, float], step: int) -> None:
        """Numbers by their tags."""
        self._output.write(numbers, dict.fromkeys(numbers, ()), step)

    def close(self) -> None:
        """Closes the file."""
        self._output.close()


class WandbLog:
    """A run of Weights & Biases; offline, in WANDB_DIR or ./wandb, with WANDB_MODE=offline.

    Args:
        project: Of the runs.
        name: Of this run; what is before its last slash is its group, the study.
        spec: The run.

    Raises:
        ConfigurationError: It is not installed, or nobody is logged in.
    """

    def __init__(self, project: str, name: str, spec: RunSpec) -> None:
        try:
            import wandb
        except ImportError as error:
            raise ConfigurationError("--wandb needs a package: pip install 'hpo[wandb]'") from error
        group, _, own = name.rpartition("/")
        config = {
            **_flat(spec.hyperparameters), "seed": spec.seed, "task": spec.environment.task,
            "algorithm": spec.algorithm, "n_envs": spec.environment.n_envs, "budget_s": spec.budget_s,
        }  # fmt: skip
        try:
            self._run = wandb.init(
                project=project, group=group or None, name=own, config=config, reinit="finish_previous",
                settings=wandb.Settings(console="off", silent=True),
            )  # fmt: skip
        except (wandb.errors.UsageError, wandb.errors.CommError) as error:
            what = " ".join(str(error).split())
            raise ConfigurationError(f"--wandb {project}: {what} (WANDB_MODE=offline writes to ./wandb)") from error

    def write(self, numbers: dict[str, float], step: int) -> None:
        """Numbers by their tags."""
        self._run.log(numbers, step=step)

    def close(self) -> None:
        """Waits until wandb's own process has everything and, online, has sent it.

        Offline, that process closes the file a moment later, also when this one is killed.
        """
        self._run.finish()


def _flat(hyperparameters: dict[str, Any]) -> dict[str, Any]:
    """Plain values by name; lists and the like as text."""
    kwargs = hyperparameters.get("policy_kwargs") or {}
    flat = {**{name: value for name, value in hyperparameters.items() if name != "policy_kwargs"}, **kwargs}
    return {name: value if isinstance(value, bool | int | float | str) else str(value) for name, value in flat.items()}
