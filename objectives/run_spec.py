"""What one run is: plain data in, so that a run can be described in a message, a file or a test."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from objectives.plain import Plain

Backend = Literal["isaaclab", "gymnasium"]
Algorithm = Literal["sac", "tqc", "crossq", "td3", "ppo", "sb3-ppo"]
PpoAlgorithm = Literal["ppo", "sb3-ppo"]
Device = Literal["cpu", "cuda"]
VectorizationMode = Literal["sync", "async"]


class ActionBounds(Plain):
    """The part of the action space that the agent may use: `joints`, `low` with `high`, or `fraction`.

    `joints` and `low` with `high` are in the environment's own units. `joints` gives [low, high] by name, for a task
    whose action dimensions have names: a joint's name, or a regular expression that matches whole names, as in Isaac
    Lab's configurations. `low` and `high` are one number for all dimensions or, for a task without names, a list with
    one number per dimension. `fraction` keeps that share of a finite space around its centre (recipes.md section 1,
    cure (a)); `fraction: 1` accepts a wide space as it is.
    """

    low: float | list[float] | None = None
    high: float | list[float] | None = None
    fraction: Annotated[float, Field(gt=0, le=1)] | None = None
    joints: dict[str, tuple[float, float]] | None = None

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> Self:
        ways = [part for part in (self.low, self.fraction, self.joints) if part is not None]
        if (self.low is None) != (self.high is None) or len(ways) != 1:
            raise ValueError("give either `joints`, or `low` and `high`, or `fraction`")
        if self.low is None or self.high is None:
            return self
        lows = self.low if isinstance(self.low, list) else [self.low]
        highs = self.high if isinstance(self.high, list) else [self.high]
        if len(lows) != len(highs) and 1 not in (len(lows), len(highs)):
            raise ValueError(f"`low` has {len(lows)} values and `high` has {len(highs)}")
        dimensions = max(len(lows), len(highs))
        lows, highs = (values * dimensions if len(values) == 1 else values for values in (lows, highs))
        for dimension, (low, high) in enumerate(zip(lows, highs, strict=True)):
            if low >= high:
                raise ValueError(f"dimension {dimension}: low {low:g} is not below high {high:g}")
        return self

    @model_validator(mode="after")
    def _joints_that_can_be(self) -> Self:
        if self.joints is None:
            return self
        if not self.joints:
            raise ValueError("`joints` names none")
        for pattern, (low, high) in self.joints.items():
            if low >= high:
                raise ValueError(f"{pattern}: low {low:g} is not below high {high:g}")
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern} is no regular expression ({error})") from error
        return self


class EnvironmentSpec(Plain):
    """Which vectorized environment to make, and how the agent may act in it."""

    backend: Backend
    task: str = Field(min_length=1)
    """Registered id of the task."""
    n_envs: int = Field(gt=0)
    physics: str | None = None
    """Isaac Lab's physics preset (`newton_mjwarp`, `isaacsim_physx`, ...); None: the task's default."""
    imports: tuple[str, ...] = ()
    """Modules to import first, for tasks that register themselves."""
    action_bounds: ActionBounds | None = None
    max_episode_steps: int | None = Field(default=None, gt=0)
    """Steps after which an episode is truncated; None: the task's own limit."""
    env_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Arguments of a Gymnasium task's constructor; of an Isaac Lab task, fields of its configuration, with dots."""
    vectorization_mode: VectorizationMode = "sync"
    """Of a Gymnasium task: its environments are stepped one after the other, or each in a process of its own."""
    device: Device = "cpu"
    film: bool = False
    """Whether the environments can be seen: they have a `camera`."""
    viewer: bool = False
    """Whether a window shows them: they have a `viewer`."""
    needs_curriculum: bool = False
    """Whether the task must have a terrain curriculum, whose level is the objective: it begins at 0 then."""
    command: tuple[float, float, float] | None = None
    """Velocities that each robot is always told: forward and sideways [m/s], turning [rad/s]; None: the task's own."""


class WandbRun(Plain):
    """A run of Weights & Biases."""

    project: str = Field(min_length=1)
    name: str
    """The study and the trial, with a slash between."""


class RunSpec(Plain):
    """One training of one set of hyperparameters with one seed."""

    environment: EnvironmentSpec
    algorithm: Algorithm = "sac"
    hyperparameters: dict[str, Any]
    """Arguments of the agent's constructor, with activations and optimizers by name."""
    seed: int = Field(ge=0, lt=2**31)
    eval_seed: int = Field(ge=0, lt=2**31)
    budget_s: float = Field(gt=0)
    """Wall-clock seconds of training, after warm-up."""
    max_steps: int = Field(gt=0)
    """Environment steps, over all environments, at which training ends even if time is left."""
    stop_at_return: float | None = None
    """Mean return of training episodes at which training ends; None: it goes on."""
    n_eval_episodes: int = Field(gt=0)
    deterministic: bool = True
    """Evaluate the policy's mean action; False: its samples."""
    normalize: bool = True
    """Normalize observations with running statistics, frozen during evaluation."""
    normalize_rewards: bool = False
    """With `normalize`: train on rewards divided by a running standard deviation of the discounted return, too."""
    clip_observations: float = Field(default=10.0, gt=0)
    """Normalized observations are clipped to so many standard deviations."""
    report_every_s: float = Field(default=5.0, gt=0)
    random_initial_phase: bool = False
    """Begin training with each environment at a random moment of its episode, so that they do not end in step."""
    n_evaluations: int = Field(default=0, ge=0)
    """Times that the policy is evaluated on a few episodes while training, with the clock stopped."""
    tensorboard_dir: str | None = None
    """Folder for the run's TensorBoard events; None: none are written."""
    wandb: WandbRun | None = None
    """What the run is called at Weights & Biases; None: it is not told there."""
    output_dir: str | None = None
    """Folder for the model, normalization statistics and learning curve; None: nothing is saved."""
