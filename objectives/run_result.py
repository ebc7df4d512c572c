"""What one run gives: progress while it runs, one result at its end."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field

from objectives.plain import Plain

Phase = Literal["start-up", "warm-up", "training", "evaluation", "recording", "filming", "watching"]


AT_A_BOUND = 0.01
"""Of the range between its bounds: an action that near to one counts as saturated."""


class TrainingSignals(Plain):
    """What training is like at one point of a learning curve. None: the algorithm, or the task, does not say.

    Of the latest chunk of gradient steps, of the latest episodes that ended, or of the policy for one observation of
    each environment, of 1024 at most. Computed when a point is due, and not between.
    """

    actor_loss: float | None = None
    critic_loss: float | None = None
    ent_coef: float | None = None
    """The entropy coefficient."""
    entropy: float | None = None
    """Of the policy, in nats; -1 and 1 are the bounds, or how far actions reach yet. PPO's is in the task's units."""
    mean_q: float | None = None
    """What the critics expect of the policy's actions; PPO's critic expects it of the observations."""
    policy_kl: float | None = None
    """KL divergence that the latest update of the policy made; of SAC with `target_kl`."""
    learning_rate: float | None = None
    """Of the policy."""
    saturation: float | None = None
    """Share of the numbers of the policy's actions that lie at a bound, or beyond one, as those of PPO and of
    SAC's GaussianPolicy may."""
    episode_length: float | None = None
    """Steps, on average."""
    success_rate: float | None = None
    gradient_steps_per_s: float | None = None
    """Since the point before."""
    resident_mib: float | None = None
    """Memory of the runner on its host."""


QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)


class ActionsAt(Plain):
    """Where the actions lie that a policy samples for one observation of each environment."""

    elapsed_s: float
    """Seconds of training."""
    quantiles: tuple[tuple[float, float, float, float, float], ...]
    """`QUANTILES` of each dimension, in the task's units."""


class ActionsOverTraining(Plain):
    """What the policy does at the start, in the middle and at the end of training. None: training did not come there.

    Noise that TD3 adds to its actions is not in them.
    """

    low: tuple[float, ...]
    """The bounds of each dimension, in the task's units."""
    high: tuple[float, ...]
    start: ActionsAt | None = None
    middle: ActionsAt | None = None
    end: ActionsAt | None = None


class CurvePoint(Plain):
    """One point of a learning curve."""

    elapsed_s: float
    """Seconds of training, warm-up excluded."""
    num_timesteps: int
    mean_return: float | None
    """Mean return of the latest training episodes (stochastic policy); None until one has ended."""
    curriculum_level: float | None = None
    """Mean terrain level of the environments; None where the task has no terrain curriculum."""
    signals: TrainingSignals = TrainingSignals()


class EvaluationPoint(Plain):
    """An evaluation while training went on, on a few episodes."""

    elapsed_s: float
    """Seconds of training; the evaluation's own are none of them."""
    num_timesteps: int
    mean_return: float
    n_episodes: int


class Progress(Plain):
    """Sent while a run goes on: at each change of phase, and every few seconds of training."""

    phase: Phase
    point: CurvePoint | None = None
    share: float | None = None
    """How much of a recording is done, from 0 to 1."""


class TerrainCell(Plain):
    """The evaluation episodes on one kind of ground at one level."""

    terrain: str
    """The task's own name of it, for example `pyramid_stairs_inv`."""
    level: int
    """0 the easiest."""
    n_episodes: int
    mean_return: float
    timeout_rate: float
    """Share of the episodes that ended by the task's time limit: on a walking task those that did not fall."""


class VelocityTracking(Plain):
    """How robots follow the velocities that an Isaac Lab task commands, in the robot's base frame.

    Means over the steps of an episode, then over episodes. The errors are Isaac Lab's metrics of these names, but of
    the command and the state that the policy acts on; Isaac Lab takes the state after the step.
    """

    commanded_speed: float
    """Length of the commanded velocity in x and y, m/s."""
    reached_speed: float
    """Speed of the robot in the direction that is commanded, m/s; 0 in steps that command none."""
    error_vel_xy: float
    """Length of the difference between the velocities in x and y, m/s."""
    error_vel_yaw: float
    """Absolute difference between the yaw rates, rad/s."""

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """From numbers in the order of the fields."""
        return cls(**dict(zip(cls.model_fields, map(float, values), strict=True)))


class Evaluation(Plain):
    """Returns of the evaluation episodes: frozen statistics, fixed seed."""

    mean_return: float
    std_return: float
    iqm_return: float
    """Interquartile mean: the mean of the middle half of the episodes."""
    n_episodes: int
    mean_episode_length: float
    timeout_rate: float
    """Share of the episodes that ended by the task's time limit."""
    n_unfinished: int = 0
    """Episodes that were not waited for, since they went on past the task's time limit: they count as far as they
    came."""
    success_rate: float | None
    """Share of the episodes that reported success; None where the task reports none."""
    endings: dict[str, int] = Field(default_factory=dict)
    """How many episodes ended by what, the most frequent first: by the task's own names (`time_out`, `base_contact`)
    or, of a task that has none, `time limit` and `terminated`."""
    terrain: tuple[TerrainCell, ...] = ()
    """By kind of ground and level, on a task with a terrain curriculum; of cells in which an episode ended."""
    velocity: VelocityTracking | None = None
    """Of an Isaac Lab task with a velocity command (`UniformVelocityCommand`); None of others, such as direct tasks."""


class RunResult(Plain):
    """One finished run. Seconds are wall clock, read from a monotonic clock."""

    evaluation: Evaluation | None
    """None for a diverged run."""
    diverged: str | None
    """Why the run counts as diverged; None for a run that did not."""
    simulator_fault: bool = False
    """Whether it diverged since the simulator gave numbers that are not finite, while all actions were finite."""
    num_timesteps: int
    """Environment steps trained on, over all environments."""
    total_gradient_steps: int
    """Gradient steps done; the hyperparameter `gradient_steps` says how many follow each rollout."""
    steps_per_s: float
    """`num_timesteps` / `training_s`."""
    gradient_steps_per_s: float
    startup_s: float
    """Making the environment, and in a new process importing the simulator."""
    warmup_s: float
    """Compiling on throw-away data and building the agent; not part of the budget."""
    training_s: float
    overshoot_s: float
    """Seconds that training went past its budget; 0 where the step limit ended it."""
    evaluation_s: float
    """Of all evaluations, those while training went on included; none of it is in `training_s`."""
    warmup_compilations: int
    budget_compilations: int
    """Programs compiled inside the budget: 0 if warm-up did its work."""
    device: str
    """The device JAX computed on."""
    curriculum_level: float | None
    """Mean terrain level of the environments at the end of training; None where the task has no terrain curriculum."""
    observation_parts: dict[str, int] | None = None
    """The parts of the observation in the order in which the policy sees them, and their lengths: of a dictionary, or
    the terms of an Isaac Lab task; None where the task gives no names."""
    action_names: tuple[str, ...] | None = None
    """Of the action dimensions, in the environment's order; None where the task gives no names."""
    reached_s: float | None
    """Seconds of training until the mean return first reached `stop_at_return`; None: it did not, or none was set."""
    learning_curve: tuple[CurvePoint, ...]
    actions_over_training: ActionsOverTraining | None = None
    """None of a run that diverged before training."""
    evaluations: tuple[EvaluationPoint, ...] = ()
    """Those while training went on; `evaluation` is the one after it."""
