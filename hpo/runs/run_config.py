"""The settings that every run of a study shares, and the file that one run is started from."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hpo.durations import Duration
from hpo.runs.objective import parse_objective
from objectives.run_spec import ActionBounds, Algorithm, Backend, Device, EnvironmentSpec, RunSpec
from objectives.special_values import resolved


def _known_objective(text: str) -> str:
    parse_objective(text)
    return text


class RunConfig(BaseModel):
    """Task, budget and evaluation: what makes the values of two runs comparable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)

    backend: Backend = "isaaclab"
    task: Annotated[str, Field(min_length=1)]
    physics: str | None = None
    algorithm: Algorithm = "sac"
    n_envs: Annotated[int, Field(gt=0)] = 1024
    budget: Duration = 300.0
    max_steps: Annotated[int, Field(gt=0)] = 50_000_000
    n_eval_episodes: Annotated[int, Field(gt=0)] = 512
    eval_seed: Annotated[int, Field(ge=0, lt=2**31)] = 20_251
    deterministic: bool = True
    """Evaluate the policy's mean action; false: its samples."""
    action_bounds: ActionBounds | None = None
    normalize: bool = True
    report_every: Duration = 5.0
    objective: Annotated[str, AfterValidator(_known_objective)] = "return"
    """What a trial's value is: `return`, `curriculum-level`, or `time-to-return:R`."""

    def environment(self, device: Device, imports: tuple[str, ...]) -> EnvironmentSpec:
        """The environment as this machine makes it."""
        return EnvironmentSpec(
            backend=self.backend,
            task=self.task,
            n_envs=self.n_envs,
            physics=self.physics,
            imports=imports,
            action_bounds=self.action_bounds,
            device=device,
            needs_curriculum=parse_objective(self.objective).kind == "curriculum-level",
        )

    def run_spec(
        self, environment: EnvironmentSpec, hyperparameters: dict[str, Any], seed: int, output_dir: str | None = None
    ) -> RunSpec:
        """One run of `hyperparameters` with `seed` in `environment`.

        Raises:
            ConfigurationError: A hyperparameter has a value without a meaning.
        """
        return RunSpec(
            environment=environment,
            algorithm=self.algorithm,
            hyperparameters=resolved(hyperparameters, environment.n_envs),
            seed=seed,
            eval_seed=self.eval_seed,
            budget_s=self.budget,
            max_steps=self.max_steps,
            stop_at_return=parse_objective(self.objective).target,
            n_eval_episodes=self.n_eval_episodes,
            deterministic=self.deterministic,
            normalize=self.normalize,
            report_every_s=self.report_every,
            output_dir=output_dir,
        )


class TrainConfig(RunConfig):
    """What `hpo train --config` reads and `hpo best --yaml` writes."""

    hyperparameters: dict[str, Any]
    provenance: dict[str, Any] = Field(default_factory=dict)
    """Where the hyperparameters come from; kept for the reader, not used."""
