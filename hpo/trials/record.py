"""What a trial's user attributes hold: one model, written and read. The field names are the stored keys."""

from typing import Any, Self

from optuna.trial import FrozenTrial
from pydantic import BaseModel, ConfigDict

from hpo.database.attributes import read_stored
from objectives.run_result import ActionsOverTraining, RunResult, TerrainCell, TrainingSignals, VelocityTracking

StoredPoint = tuple[float, int, float | None] | tuple[float, int, float | None, float]
"""Of a learning curve: seconds of training, environment steps, mean return and, where there is one, curriculum level.
The dashboard shows them all, so they are short."""


class TrialRecord(BaseModel):
    """A trial's record; None for what the trial did not come to, or what an older version did not write.

    What a field of a run's result means is written in `objectives.run_result`.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    # Before the run.
    seed: int | None = None
    n_envs: int | None = None
    replay_ratio: float | None = None
    """Gradient steps on a transition, on average."""
    hardware: str | None = None
    """GPU model, or CPU model and cores."""
    hardware_shared: bool | None = None
    """Whether another worker used the same device."""
    gpu_driver: str | None = None
    log: str | None = None
    """Where, on its host, the runner's whole output lies."""
    host: str | None = None
    worker_pid: int | None = None
    git_commit: str | None = None
    """Of hpo's own checkout."""
    versions: dict[str, str] | None = None
    """Of Python, and of the packages that a result depends on."""

    # While it runs.
    training_began_s: float | None = None
    """Seconds after the trial's start at which the clock of its budget began."""

    # What the run gave.
    mean_return: float | None = None
    std_return: float | None = None
    iqm_return: float | None = None
    n_episodes: int | None = None
    mean_episode_length: float | None = None
    timeout_rate: float | None = None
    n_unfinished: int | None = None
    success_rate: float | None = None
    endings: dict[str, int] = {}
    terrain: list[TerrainCell] = []
    velocity: VelocityTracking | None = None
    num_timesteps: int | None = None
    total_gradient_steps: int | None = None
    steps_per_s: float | None = None
    gradient_steps_per_s: float | None = None
    startup_s: float | None = None
    warmup_s: float | None = None
    training_s: float | None = None
    overshoot_s: float | None = None
    evaluation_s: float | None = None
    warmup_compilations: int | None = None
    budget_compilations: int | None = None
    device: str | None = None
    curriculum_level: float | None = None
    observation_parts: dict[str, int] | None = None
    action_names: list[str] | None = None
    reached_s: float | None = None
    learning_curve: list[StoredPoint] = []
    training_signals: dict[str, list[float | None]] = {}
    """Name -> its value at each point of the learning curve; without those that no point has."""
    actions_over_training: ActionsOverTraining | None = None
    """Where the policy's actions lie at the start, in the middle and at the end of training."""
    evaluations: list[tuple[float, int, float]] = []
    """While it trained: seconds of training, environment steps, mean return."""

    # If its policy was kept.
    policy_bytes: int | None = None
    policy_s: float | None = None
    """Seconds that keeping it took, outside the budget."""

    # Why it gave no value.
    diverged: bool | None = None
    diverged_reason: str | None = None
    simulator_fault: bool | None = None
    refused: str | None = None
    """Why the run was not begun."""
    failure: str | None = None
    """Why the run has no result."""

    @classmethod
    def of_result(cls, result: RunResult) -> Self:
        """The part of a record that a run's end adds.

        Raises:
            ValidationError: A result has a field that a record has not.
        """
        fields = result.model_dump(mode="json", exclude={"evaluation", "learning_curve", "evaluations", "diverged"})
        evaluation = {} if result.evaluation is None else result.evaluation.model_dump(mode="json")
        curves: dict[str, Any] = {
            "learning_curve": [
                (round(p.elapsed_s, 2), p.num_timesteps, p.mean_return)
                + (() if p.curriculum_level is None else (round(p.curriculum_level, 3),))
                for p in result.learning_curve
            ],
            "training_signals": _columns([point.signals for point in result.learning_curve]),
            "evaluations": [(round(p.elapsed_s, 2), p.num_timesteps, p.mean_return) for p in result.evaluations],
        }
        reason = {} if result.diverged is None else {"diverged_reason": result.diverged}
        diverged = {"diverged": result.diverged is not None, **reason}
        return cls.model_validate({**evaluation, **fields, **diverged, **curves}, extra="forbid")

    def attributes(self) -> dict[str, Any]:
        """The fields that were set, as they are stored."""
        return self.model_dump(mode="json", exclude_unset=True)


class FinishedRecord(TrialRecord):
    """The record of a trial whose run came to its end."""

    hardware: str
    hardware_shared: bool
    num_timesteps: int
    steps_per_s: float
    gradient_steps_per_s: float
    diverged: bool
    startup_s: float
    warmup_s: float
    training_s: float
    evaluation_s: float
    learning_curve: list[StoredPoint]

    @property
    def ended_by_steps(self) -> bool:
        """Whether a slower machine had given the same: neither the budget nor a return that was reached ended it.

        A run that diverged ended by steps, too.
        """
        return self.overshoot_s == 0 and self.reached_s is None


def _columns(signals: list[TrainingSignals]) -> dict[str, list[float | None]]:
    """Four significant digits: the dashboard shows them all."""
    columns = {name: [getattr(one, name) for one in signals] for name in TrainingSignals.model_fields}
    return {
        name: [None if value is None else float(f"{value:.4g}") for value in column]
        for name, column in columns.items()
        if any(value is not None for value in column)
    }


def read_record[Record: TrialRecord](kind: type[Record], trial: FrozenTrial) -> Record:
    """What `trial` recorded.

    Raises:
        UserError: It is no record of ours.
    """
    return read_stored(kind, trial.user_attrs, f"trial {trial.number} has a record")
