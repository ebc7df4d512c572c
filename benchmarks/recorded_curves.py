"""Learning curves recorded from real studies: what `record_curves.py` writes and `pruners.py` replays."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

CURVES = Path(__file__).with_name("curves")


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Report(_Plain):
    """What a worker reported of a running trial."""

    step: int
    """The multiple of the report interval, in seconds of training, at which pruners compare trials."""
    elapsed_s: float
    """Seconds of training when it was reported: a rollout with its gradient steps is not interrupted."""
    mean_return: float
    """Mean return of the latest training episodes."""


class RecordedTrial(_Plain):
    """One trial that ran to its end."""

    number: int
    params: dict[str, float]
    value: float
    """Mean return of the evaluation."""
    reports: tuple[Report, ...]
    preparation_s: Annotated[float, Field(ge=0)]
    """Start-up and warm-up."""
    training_s: Annotated[float, Field(gt=0)]
    evaluation_s: Annotated[float, Field(ge=0)]
    steps_per_s: float
    hardware_shared: bool
    """Another worker that this one could see (the same temporary folder) used the same CPU."""


class Recording(_Plain):
    """The trials of one study, in the order they were asked."""

    definition: dict[str, Any]
    """The study's, as stored with it."""
    git_commit: str
    versions: dict[str, str]
    recorded_on: str
    cores_busy_elsewhere: float
    """Mean number of cores that other processes of the machine kept busy: each takes from the training's seconds."""
    trials: tuple[RecordedTrial, ...]

    @property
    def task(self) -> str:
        """Registered task id."""
        return str(self.definition["config"]["task"])

    @property
    def budget_s(self) -> float:
        """Seconds of training of each trial."""
        return float(self.definition["config"]["budget"])

    @property
    def report_every_s(self) -> float:
        """Seconds of training between two reports, where a rollout does not take longer."""
        return float(self.definition["config"]["report_every"])


def recordings() -> dict[str, Recording]:
    """All that are in the folder, by name."""
    return {path.stem: Recording.model_validate_json(path.read_text()) for path in sorted(CURVES.glob("*.json"))}
