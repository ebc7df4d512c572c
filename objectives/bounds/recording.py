"""Recording the actions of a trained PPO: what to record, and what that gave."""

from typing import Any

from pydantic import Field

from objectives.plain import Plain
from objectives.run_result import Evaluation, RunResult
from objectives.run_spec import EnvironmentSpec

RECORDED_STEPS = 64_000
"""Environment steps over all environments (recipes.md section 1)."""


class RecordSpec(Plain):
    """One policy to record: a PPO to train, or one that was saved."""

    environment: EnvironmentSpec
    model: str | None = None
    """Path of a saved PPO (Stable-Baselines3's or sbx's zip); None: one is trained."""
    seed: int = Field(ge=0, lt=2**31)
    eval_seed: int = Field(ge=0, lt=2**31)
    """Seeds the environments for evaluation and recording."""
    budget_s: float = Field(gt=0)
    """Wall-clock seconds of training, after warm-up."""
    max_steps: int = Field(gt=0)
    """Environment steps at which training ends even if time is left."""
    n_eval_episodes: int = Field(gt=0)
    report_every_s: float = Field(default=5.0, gt=0)
    deterministic: bool = False
    """Record and evaluate the policy's mean action; False: its samples, as it explores."""
    steps: int = Field(default=RECORDED_STEPS, gt=0)
    """Environment steps to record at least, over all environments."""
    output_dir: str
    """Folder for the recorded actions and, of a PPO that is trained, for its model and learning curve."""


class Recording(Plain):
    """What was recorded. The actions themselves are in a file: see `load_actions`."""

    actions_path: str
    action_names: tuple[str, ...] | None = None
    """Of the action dimensions, in the order of the recorded actions; None where the task gives no names."""
    steps: int
    """Recorded environment steps, over all environments."""
    recording_s: float
    noise_std: tuple[float, ...] | None
    """Standard deviation of the policy's exploration per dimension; None where none is in the recorded actions, or
    where it depends on the state (gSDE)."""
    policy: str
    """Where the policy, or the hyperparameters it was trained with, come from."""
    notes: tuple[str, ...]
    """What a reader should know about how the policy was made."""
    hyperparameters: dict[str, Any] | None
    """None for a saved policy."""
    training: RunResult | None
    """None for a saved policy."""
    evaluation: Evaluation
    """Of the policy that was recorded."""
    untrained: Evaluation
    """Of a policy of the same shape before any training, on the same environments and statistics."""

    def learned(self) -> bool:
        """Whether the recorded policy is clearly better than an untrained one.

        Clearly: by more than two standard errors of the difference of their mean returns.
        """
        variances = (e.std_return**2 / e.n_episodes for e in (self.evaluation, self.untrained))
        return self.evaluation.mean_return - self.untrained.mean_return > 2 * sum(variances) ** 0.5
