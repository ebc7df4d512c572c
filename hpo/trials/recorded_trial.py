"""What trials recorded, read back with the type of each field: whoever may write to a study wrote it."""

from optuna.trial import FrozenTrial
from pydantic import BaseModel, ConfigDict

from hpo.studies.stored import read_stored
from objectives.run_result import TerrainCell


class RecordedTrial(BaseModel):
    """A trial's user attributes, as `hpo.trials.trial_record` writes them; None for what it did not come to."""

    model_config = ConfigDict(frozen=True)

    host: str | None = None
    worker_pid: int | None = None
    hardware: str | None = None
    git_commit: str | None = None
    log: str | None = None
    """Where, on its host, the runner's whole output lies."""
    seed: int | None = None
    replay_ratio: float | None = None
    batch_size: int | None = None
    gradient_steps: int | None = None
    policy_delay: int | None = None
    train_freq: int | tuple[int, str] | None = None
    net_arch: list[int] | dict[str, list[int]] | None = None
    startup_s: float | None = None
    warmup_s: float | None = None
    training_s: float | None = None
    evaluation_s: float | None = None
    action_names: list[str] | None = None
    num_timesteps: int | None = None
    steps_per_s: float | None = None
    mean_return: float | None = None
    std_return: float | None = None
    iqm_return: float | None = None
    terrain: list[TerrainCell] = []
    """How it walked on each kind of ground at each level, where there is a terrain curriculum."""
    diverged: bool | None = None
    diverged_reason: str | None = None
    refused: str | None = None
    """Why the run was not begun."""


class RecordedRun(RecordedTrial):
    """A trial whose run came to its end."""

    hardware: str
    hardware_shared: bool
    num_timesteps: int
    steps_per_s: float
    gradient_steps_per_s: float
    diverged: bool
    training_s: float
    learning_curve: list[tuple[float, int, float | None] | tuple[float, int, float | None, float]]
    evaluations: list[tuple[float, int, float]] = []
    """While it trained: seconds of training, environment steps, mean return."""


def read_record[Record: RecordedTrial](kind: type[Record], trial: FrozenTrial) -> Record:
    """What `trial` recorded.

    Raises:
        UserError: It is no record of ours.
    """
    return read_stored(kind, trial.user_attrs, f"trial {trial.number} has a record")
