"""One run for TensorBoard: hyperparameters, and the points of its learning curve over environment steps."""

from typing import Any

from stable_baselines3.common.logger import HParam, TensorBoardOutputFormat

from objectives.errors import ConfigurationError
from objectives.run_result import CurvePoint, RunResult

_RETURN = "rollout/ep_rew_mean"  # Stable-Baselines3's name
_SCORE = "eval/mean_reward"


class TensorBoardLog:
    """Writes a run's events.

    Tags are those of Stable-Baselines3 where it has one, so that curves lie beside those of other runs.

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
        self._write({"hparams": HParam(_flat(hyperparameters), {_SCORE: 0.0, _RETURN: 0.0})}, 0)

    def point(self, point: CurvePoint) -> None:
        """Writes a point of the learning curve."""
        signals = point.signals
        self._write(
            {
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
                "time/elapsed_s": point.elapsed_s,
                "time/gradient_steps_per_s": signals.gradient_steps_per_s,
                "time/resident_mib": signals.resident_mib,
            },
            point.num_timesteps,
        )

    def end(self, result: RunResult) -> None:
        """Writes what the evaluation gave, and closes the file."""
        if result.evaluation is not None:
            score = {
                _SCORE: result.evaluation.mean_return,
                "eval/mean_ep_length": result.evaluation.mean_episode_length,
            }
            self._write(score, result.num_timesteps)
        self._output.close()

    def _write(self, values: dict[str, Any], step: int) -> None:
        there = {name: value for name, value in values.items() if value is not None}
        self._output.write(there, dict.fromkeys(there, ()), step)


def _flat(hyperparameters: dict[str, Any]) -> dict[str, Any]:
    """Plain values by name; lists and the like as text, as TensorBoard takes them."""
    kwargs = hyperparameters.get("policy_kwargs") or {}
    flat = {**{name: value for name, value in hyperparameters.items() if name != "policy_kwargs"}, **kwargs}
    return {name: value if isinstance(value, bool | int | float | str) else str(value) for name, value in flat.items()}
