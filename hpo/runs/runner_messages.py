"""What supervisor and runner say to each other: plain JSON, one message a `send_bytes`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from objectives.bounds.recording import Recording, RecordSpec
from objectives.policies.play import Played, PlaySpec
from objectives.run_result import Progress, RunResult
from objectives.run_spec import Algorithm, Device, EnvironmentSpec, PpoAlgorithm, RunSpec


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64")


class Check(_Message):
    """Make environment and agent once, take a step, to see that they can be trained, and close them."""

    kind: Literal["check"] = "check"
    environment: EnvironmentSpec
    algorithm: Algorithm
    hyperparameters: tuple[dict[str, Any], ...]
    """Examples of what will be run: whether the algorithm knows their names. The agent is the first's."""


class AskPpo(_Message):
    """Look up how PPO is trained on a task."""

    kind: Literal["ask_ppo"] = "ask_ppo"
    environment: EnvironmentSpec
    algorithm: PpoAlgorithm


class Run(_Message):
    """Train and evaluate."""

    kind: Literal["run"] = "run"
    spec: RunSpec


class Record(_Message):
    """Train a PPO, or load one, and record the actions that it takes."""

    kind: Literal["record"] = "record"
    spec: RecordSpec


class Play(_Message):
    """Play a kept policy."""

    kind: Literal["play"] = "play"
    spec: PlaySpec


class Export(_Message):
    """Write a kept policy in another format."""

    kind: Literal["export"] = "export"
    policy: str
    """Path of its file."""
    out: str
    about: dict[str, str]


class Abandon(_Message):
    """End the run in progress at its next sign of life; the runner stays warm."""

    kind: Literal["abandon"] = "abandon"


class Start(_Message):
    """The first message: what the runner may use."""

    kind: Literal["start"] = "start"
    device: Device
    compilation_cache: str


class Done(_Message):
    """A check passed, or the runner is ready."""

    kind: Literal["done"] = "done"


class Advanced(_Message):
    """The run goes on."""

    kind: Literal["advanced"] = "advanced"
    progress: Progress


class Finished(_Message):
    """The run ended."""

    kind: Literal["finished"] = "finished"
    result: RunResult
    policy: bytes | None
    """The trained policy's file; None of a run that diverged."""


class PpoKnown(_Message):
    """How PPO is trained on the task."""

    kind: Literal["ppo_known"] = "ppo_known"
    hyperparameters: dict[str, Any]
    normalize: bool
    source: str
    """Whose settings they are."""
    notes: tuple[str, ...]
    """What could not be taken over as it was."""


class Recorded(_Message):
    """The recording ended."""

    kind: Literal["recorded"] = "recorded"
    recording: Recording


class PlayEnded(_Message):
    """The policy was played."""

    kind: Literal["played"] = "played"
    played: Played


class Failed(_Message):
    """The request failed.

    `configuration`: whatever the hyperparameters; `refused`: with these, which need more memory than there is;
    `crash`: this time; `abandoned`: as asked.
    """

    kind: Literal["failed"] = "failed"
    category: Literal["configuration", "refused", "crash", "abandoned"]
    reason: str


Ended = Finished | Recorded | PlayEnded
"""What comes at the end of work that has phases."""
Request = Start | Check | AskPpo | Run | Record | Play | Export | Abandon
Reply = Done | PpoKnown | Advanced | Finished | Recorded | PlayEnded | Failed

requests: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="kind")])
replies: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="kind")])
