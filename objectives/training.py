"""One run: environment, warm-up, training within the budget, evaluation -> a result."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv, VecMonitor, VecNormalize

from objectives.action_bounds import BoundedActions, ClippedActions
from objectives.actions_over_training import ActionsCallback
from objectives.agents.chunked_training import ChunkedTraining
from objectives.agents.compilation import CompilationCounter
from objectives.agents.factory import AGENT_KINDS, gradient_steps_done, make_agent, wait_until_computed
from objectives.environments import action_names, curriculum_level, make_vec_env, spread_episodes, terrain_curriculum
from objectives.environments.observations import FlatObservations, observation_parts, refuse_observations
from objectives.errors import ConfigurationError, DivergedError, SimulatorFaultError
from objectives.evaluation import evaluate
from objectives.evaluation_points import EvaluationCallback
from objectives.learning_curve import LearningCurveCallback
from objectives.memory import refuse_too_large
from objectives.run_logs import RunLog, of_point, of_result, run_logs
from objectives.run_result import CurvePoint, Evaluation, Phase, Progress, RunResult
from objectives.run_spec import Algorithm, EnvironmentSpec, RunSpec
from objectives.timeout import TimeoutCallback
from objectives.warmup import warm_up


def train_run(
    spec: RunSpec,
    on_progress: Callable[[Progress], None],
    clock: Callable[[], float] = time.monotonic,
    then: Callable[[BaseAlgorithm, VecEnv], None] | None = None,
) -> RunResult:
    """Trains one set of hyperparameters with one seed and evaluates the agent.

    Args:
        spec: What to run.
        on_progress: Told each change of phase, and a point of the learning curve every `spec.report_every_s`.
        clock: Monotonic seconds.
        then: Called at the end, unless the run diverged, with the trained agent and its environment.

    Raises:
        ConfigurationError: The run cannot work as configured.
        TooLargeError: It needs more memory than there is.
    """
    laps = _Laps(clock, on_progress)
    with ExitStack() as opened:
        with laps.phase("start-up"):
            # Seeded as the evaluation: what is drawn once, when the environments are made (an Isaac Lab task's masses
            # and terrain), is the same for all runs that are compared. The agent seeds all that follows.
            env = make_training_env(spec.environment, spec.algorithm, spec.eval_seed)
            opened.callback(env.close)
            beside = None
            if spec.n_evaluations and spec.environment.backend == "gymnasium":
                beside = make_training_env(spec.environment, spec.algorithm, spec.eval_seed)
                opened.callback(beside.close)
        return _train_and_evaluate(spec, env, beside, laps, then)


def make_training_env(spec: EnvironmentSpec, algorithm: Algorithm, seed: int, flat: bool = True) -> VecEnv:
    """The task's environments as the agent sees them: actions as its policy gives them, episodes monitored.

    With `flat`, dictionary observations are one vector.
    """
    raw = make_vec_env(spec, seed)
    wrapper = ClippedActions if AGENT_KINDS[algorithm].on_policy else BoundedActions
    try:
        refuse_observations(raw.observation_space, spec.task)
        if spec.needs_curriculum and curriculum_level(raw) is None:
            raise ConfigurationError(f"{spec.task} has no terrain curriculum, whose level is the study's objective")
        bounded = wrapper(raw, spec.action_bounds, spec.task)
        as_vector = flat and isinstance(bounded.observation_space, spaces.Dict)
        return VecMonitor(FlatObservations(bounded) if as_vector else bounded)
    except Exception:
        raw.close()
        raise


def _train_and_evaluate(
    spec: RunSpec,
    env: VecEnv,
    beside: VecEnv | None,
    laps: "_Laps",
    then: Callable[[BaseAlgorithm, VecEnv], None] | None,
) -> RunResult:
    refuse_too_large(spec.hyperparameters, env, AGENT_KINDS[spec.algorithm].on_policy)
    terrain = terrain_curriculum(env)
    held = ExitStack()
    if terrain is not None:
        # The resets before training would move robots down that have hardly begun to walk.
        held.enter_context(terrain.held())
    try:
        with laps.phase("warm-up"), CompilationCounter() as warmup_compilations:
            agent, training_env = _warmed_up(spec, env)
    except DivergedError as error:
        return _untrained(env, laps, error)

    timeout = TimeoutCallback(spec.budget_s, laps.clock)
    logs = run_logs(spec)

    def report(point: CurvePoint) -> None:
        laps.point(point)
        if logs:
            with timeout.stopped():
                for log in logs:
                    log.write(of_point(point), point.num_timesteps)

    curve = LearningCurveCallback(timeout, spec.report_every_s, report, spec.stop_at_return)
    actions = ActionsCallback(timeout, env, spec.max_steps)
    points = EvaluationCallback(spec, timeout, None if beside is None else normalized(beside, spec), laps.evaluation)

    def begin() -> None:
        held.close()
        if spec.random_initial_phase:
            spread_episodes(env)

    if isinstance(agent, ChunkedTraining):
        agent.stop_training = timeout.expired
        agent.budget_spent = lambda: timeout.elapsed_s / timeout.budget_s
    diverged: DivergedError | None = None
    evaluation: Evaluation | None = None
    with laps.phase("training"), CompilationCounter() as budget_compilations:
        try:
            # The timeout comes last: in the step that ends training the others still see that step.
            agent.learn(spec.max_steps, callback=[_AtTrainingStart(begin), actions, curve, points, timeout])
        except DivergedError as error:
            if not timeout.has_started:  # in the reset that training begins with
                return _untrained(env, laps, error, logs)
            diverged = error
            curve.add_point()  # how far it came; the end of training was not announced
        # The clock stops when the last update is there.
        wait_until_computed(agent)
        training_s = timeout.elapsed_s
        if diverged is None:
            actions.take_end()
    level = curriculum_level(env)  # evaluation resets robots, and that moves them between levels
    if diverged is None:
        with laps.phase("evaluation"):
            try:
                evaluation = evaluate(agent, training_env, spec.n_eval_episodes, spec.eval_seed, spec.deterministic)
            except DivergedError as error:
                diverged = error
    result = RunResult(
        evaluation=evaluation,
        **_ending(diverged),
        **_speed(agent, training_s),
        startup_s=laps.seconds["start-up"],
        warmup_s=laps.seconds["warm-up"],
        overshoot_s=max(0.0, training_s - spec.budget_s),
        evaluation_s=laps.seconds.get("evaluation", 0.0),
        warmup_compilations=warmup_compilations.count,
        budget_compilations=budget_compilations.count,
        device=str(jax.devices()[0].device_kind),
        curriculum_level=level,
        observation_parts=observation_parts(env),
        action_names=action_names(env),
        reached_s=curve.reached_s,
        learning_curve=tuple(curve.points),
        actions_over_training=actions.taken,
        evaluations=tuple(points.points),
    )
    _keep(result, logs, agent, training_env, spec)
    if then is not None and diverged is None:
        then(agent, training_env)
    return result


def _warmed_up(spec: RunSpec, env: VecEnv) -> tuple[BaseAlgorithm, VecEnv]:
    """The agent and its environments, with everything compiled that training needs."""
    throwaway = warm_up(spec.algorithm, spec.hyperparameters, normalized(env, spec))
    # A fresh VecNormalize: nothing of warm-up may remain in the statistics.
    training_env = normalized(env, spec)
    agent = make_agent(spec.algorithm, spec.hyperparameters, training_env, spec.seed)
    if isinstance(agent, ChunkedTraining) and isinstance(throwaway, ChunkedTraining):
        agent.replay_buffer.take_memory(throwaway.replay_buffer)
    # One episode of each environment; sbx's PPO does not take it as an argument.
    agent._stats_window_size = spec.hyperparameters.get("stats_window_size", max(100, env.num_envs))
    wait_until_computed(agent)
    return agent, training_env


def _ending(diverged: DivergedError | None) -> dict[str, Any]:
    return {
        "diverged": None if diverged is None else str(diverged),
        "simulator_fault": isinstance(diverged, SimulatorFaultError),
    }


def _speed(agent: BaseAlgorithm, training_s: float) -> dict[str, Any]:
    steps, gradient_steps = agent.num_timesteps, gradient_steps_done(agent)
    return {
        "num_timesteps": steps,
        "total_gradient_steps": gradient_steps,
        "training_s": training_s,
        "steps_per_s": steps / training_s if training_s else 0.0,
        "gradient_steps_per_s": gradient_steps / training_s if training_s else 0.0,
    }


def _untrained(env: VecEnv, laps: "_Laps", error: DivergedError, logs: Sequence[RunLog] = ()) -> RunResult:
    """The result of a run that diverged before the clock started; ends its `logs`."""
    for log in logs:
        log.close()
    return RunResult(
        evaluation=None,
        **_ending(error),
        num_timesteps=0,
        total_gradient_steps=0,
        steps_per_s=0.0,
        gradient_steps_per_s=0.0,
        startup_s=laps.seconds["start-up"],
        warmup_s=laps.seconds["warm-up"],
        training_s=0.0,
        overshoot_s=0.0,
        evaluation_s=0.0,
        warmup_compilations=0,
        budget_compilations=0,
        device=str(jax.devices()[0].device_kind),
        curriculum_level=curriculum_level(env),
        observation_parts=observation_parts(env),
        action_names=action_names(env),
        reached_s=None,
        learning_curve=(),
    )


def normalized(env: VecEnv, spec: RunSpec) -> VecEnv:
    """`env` with fresh statistics of its observations around it, if the run has them normalized."""
    if not spec.normalize:
        return env
    return VecNormalize(
        env,
        norm_obs=True,
        norm_reward=spec.normalize_rewards,
        clip_obs=spec.clip_observations,
        clip_reward=np.inf,  # as Isaac Lab has it
        gamma=spec.hyperparameters.get("gamma", 0.99),
    )


def _keep(result: RunResult, logs: Sequence[RunLog], agent: BaseAlgorithm, env: VecEnv, spec: RunSpec) -> None:
    """Tells the end to whoever logs the run, and fills the folder that was asked for."""
    for log in logs:
        log.write(of_result(result), result.num_timesteps)
        log.close()
    if spec.output_dir is None:
        return
    from objectives.run_folder import write_run_folder  # draws: searches do without Matplotlib

    write_run_folder(Path(spec.output_dir), result, agent, env, spec)


class _AtTrainingStart(BaseCallback):
    """Calls `action` once the environments are reset, before the first step."""

    def __init__(self, action: Callable[[], None]) -> None:
        super().__init__()
        self._action = action

    def _on_training_start(self) -> None:
        self._action()

    def _on_step(self) -> bool:
        return True


class _Laps:
    """Announces the phases of a run and keeps the seconds each one took."""

    def __init__(self, clock: Callable[[], float], on_progress: Callable[[Progress], None]) -> None:
        self.clock = clock
        self.seconds: dict[Phase, float] = {}
        self._on_progress = on_progress

    @contextmanager
    def phase(self, phase: Phase) -> Iterator[None]:
        self._on_progress(Progress(phase=phase))
        started_at = self.clock()
        try:
            yield
        finally:
            self.seconds[phase] = self.seconds.get(phase, 0.0) + self.clock() - started_at

    @contextmanager
    def evaluation(self) -> Iterator[None]:
        """One while training goes on."""
        with self.phase("evaluation"):
            yield
        self._on_progress(Progress(phase="training"))

    def point(self, point: CurvePoint) -> None:
        self._on_progress(Progress(phase="training", point=point))
