"""The settings that every run of a study shares, and the file that one run is started from."""

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    model_validator,
)

from hpo.durations import Duration
from hpo.runs.written_hyperparameters import plain_hyperparameters
from objectives.objective import Objective, Return, parse_objective
from objectives.run_spec import (
    ActionBounds,
    Algorithm,
    Backend,
    Device,
    EnvironmentSpec,
    RunSpec,
    VectorizationMode,
    WandbRun,
)
from objectives.special_values import resolved

EVALUATIONS = 4
"""While a run trains, where its environments can be had twice: at a fifth of the budget, and at two, three and four."""


def whole(number: Any) -> Any:
    """`5e7` is a float in YAML, and means a whole number."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _from_the_root(folder: str) -> str:
    if not Path(folder).expanduser().is_absolute():
        raise ValueError("give the folder from the root: workers begin in different ones")
    return folder


Count = Annotated[int, Field(gt=0), BeforeValidator(whole)]
"""A number of things, one at least."""


ObjectiveField = Annotated[Objective, PlainValidator(parse_objective), PlainSerializer(str)]


class RunConfig(BaseModel):
    """Task, budget and evaluation: what makes the values of two runs comparable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)

    backend: Backend = "isaaclab"
    task: Annotated[str, Field(min_length=1)]
    physics: str | None = None
    algorithm: Algorithm = "sac"
    n_envs: Count = 1024
    budget: Duration = 300.0
    max_steps: Count = 50_000_000
    n_eval_episodes: Count = 512
    eval_seed: Annotated[int, Field(ge=0, lt=2**31)] = 20_251
    deterministic: bool = True
    """Evaluate the policy's mean action; false: its samples."""
    action_bounds: ActionBounds | None = None
    n_evaluations: Annotated[int, Field(ge=0)] | None = None
    """Times that the policy is evaluated on a few episodes while it trains, with the clock stopped; none: 4, and 0 on
    Isaac Lab, where it interrupts the episodes that go on."""
    max_episode_steps: Count | None = None
    """Steps after which an episode is truncated; none: the task's own limit."""
    env_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Arguments of the task: of a Gymnasium task's constructor, or fields of an Isaac Lab task's configuration."""
    vectorization_mode: VectorizationMode = "sync"
    """`async` steps each environment of a Gymnasium task in a process of its own, for tasks that are slow to step."""
    random_initial_phase: bool | None = None
    """Begin training with each environment at a random moment of its episode; none: on Isaac Lab yes, elsewhere no."""
    normalize: bool = True
    report_every: Duration = 5.0
    tensorboard: Annotated[str, AfterValidator(_from_the_root)] | None = None
    """Folder for TensorBoard's events, one run a trial, on each worker's own machine; none: they are not written."""
    wandb: Annotated[str, Field(min_length=1)] | None = None
    """Project of Weights & Biases that each run is told to; none: nothing is."""
    objective: ObjectiveField = Return()
    """What a trial's value is: `return`, `curriculum-level`, or `time-to-return:R`."""

    @model_validator(mode="after")
    def _is_for_the_backend(self) -> Self:
        if self.vectorization_mode == "async" and self.backend == "isaaclab":
            raise ValueError("vectorization_mode: async is for Gymnasium; Isaac Lab steps its environments together")
        if self.random_initial_phase and self.backend != "isaaclab":
            raise ValueError("random_initial_phase is for Isaac Lab, which can begin in the middle of an episode")
        return self

    def environment(self, device: Device, imports: tuple[str, ...]) -> EnvironmentSpec:
        """The environment as this machine makes it."""
        return EnvironmentSpec(
            backend=self.backend,
            task=self.task,
            n_envs=self.n_envs,
            physics=self.physics,
            imports=imports,
            action_bounds=self.action_bounds,
            max_episode_steps=self.max_episode_steps,
            env_kwargs=self.env_kwargs,
            vectorization_mode=self.vectorization_mode,
            device=device,
            needs_curriculum=self.objective.needs_curriculum,
        )

    def run_spec(
        self,
        environment: EnvironmentSpec,
        hyperparameters: dict[str, Any],
        seed: int,
        name: str,
        output_dir: str | None = None,
    ) -> RunSpec:
        """One run of `hyperparameters` with `seed` in `environment`; TensorBoard and W&B call it `name`.

        Raises:
            ConfigurationError: A hyperparameter has a value without a meaning.
        """
        on_isaac_lab = self.backend == "isaaclab"
        return RunSpec(
            environment=environment,
            algorithm=self.algorithm,
            hyperparameters=resolved(hyperparameters, environment.n_envs),
            seed=seed,
            eval_seed=self.eval_seed,
            budget_s=self.budget,
            max_steps=self.max_steps,
            stop_at_return=self.objective.target,
            n_eval_episodes=self.n_eval_episodes,
            deterministic=self.deterministic,
            normalize=self.normalize,
            random_initial_phase=on_isaac_lab if self.random_initial_phase is None else self.random_initial_phase,
            n_evaluations=(0 if on_isaac_lab else EVALUATIONS) if self.n_evaluations is None else self.n_evaluations,
            report_every_s=self.report_every,
            wandb=None if self.wandb is None else WandbRun(project=self.wandb, name=name),
            tensorboard_dir=None if self.tensorboard is None else str(Path(self.tensorboard).expanduser() / name),
            output_dir=output_dir,
        )


class TrainConfig(RunConfig):
    """What `hpo train --config` reads and `hpo best --yaml` writes."""

    hyperparameters: Annotated[dict[str, Any], AfterValidator(plain_hyperparameters)]
    provenance: dict[str, Any] = Field(default_factory=dict)
    """Where the hyperparameters come from; kept for the reader, not used."""
