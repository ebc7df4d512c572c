"""Trains or loads a PPO, and records the actions that it takes."""

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sbx.common.policies import BaseJaxPolicy
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper, VecNormalize

from objectives.bounds.measured_bounds import save_actions
from objectives.bounds.recording import Recording, RecordSpec
from objectives.bounds.saved_policy import load_ppo, with_saved_statistics
from objectives.environments import action_names, import_tasks, terrain_curriculum
from objectives.environments.time_limit import episode_limit
from objectives.errors import ConfigurationError, DivergedError
from objectives.evaluation import draw_noise_as_in_training, evaluate
from objectives.ppo_settings import ppo_settings
from objectives.run_result import Evaluation, Progress
from objectives.run_spec import Algorithm, RunSpec
from objectives.training import make_training_env, train_run

_ALGORITHM: Algorithm = "sb3-ppo"
"""Isaac Lab's configurations are Stable-Baselines3's, with torch's initialization."""

MIN_STEPS_PER_ENV = 200
"""Steps at least, of a task that does not say how long its episodes are."""
MAX_STEPS_PER_ENV = 2000
"""Steps of an episode at most: of 4096 quadrupeds that is 400 MB of actions."""

_REPORT_EVERY_S = 1.0


def record_policy(spec: RecordSpec, on_progress: Callable[[Progress], None]) -> Recording:
    """Records the actions of a PPO, as the environment received them.

    Args:
        spec: Which PPO, where, and how much to record.
        on_progress: Told each change of phase, the learning curve, and how much is recorded.

    Raises:
        ConfigurationError: It cannot work as configured, or training diverged.
    """
    record = _recorded_training if spec.model is None else _recorded_file
    try:
        return record(spec, on_progress)
    except DivergedError as error:
        raise ConfigurationError(
            f"PPO diverged on {spec.environment.task} ({error}), and its actions would say nothing: try another "
            "--seed, or give a PPO of your own with --from"
        ) from error


def _recorded_training(spec: RecordSpec, on_progress: Callable[[Progress], None]) -> Recording:
    settings = ppo_settings(spec.environment)
    run = RunSpec(
        environment=spec.environment,
        algorithm=_ALGORITHM,
        hyperparameters=settings.hyperparameters,
        normalize=settings.normalize,
        normalize_rewards=settings.normalize_rewards,
        clip_observations=settings.clip_observations,
        random_initial_phase=spec.environment.backend == "isaaclab",
        **spec.model_dump(
            include={
                "seed", "eval_seed", "budget_s", "max_steps", "n_eval_episodes", "deterministic", "report_every_s",
                "output_dir",
            }
        ),
    )  # fmt: skip
    snapshots: list[_Taken] = []
    result = train_run(run, on_progress, then=lambda agent, env: snapshots.append(_take(agent, env, spec, on_progress)))
    if result.evaluation is None:
        raise DivergedError(result.diverged)
    (at_the_end,) = snapshots
    return Recording(
        **at_the_end,
        policy=settings.source,
        notes=settings.notes,
        hyperparameters=settings.hyperparameters,
        training=result,
        evaluation=result.evaluation,
    )


def _recorded_file(spec: RecordSpec, on_progress: Callable[[Progress], None]) -> Recording:
    assert spec.model is not None
    model = Path(spec.model)
    on_progress(Progress(phase="start-up"))
    import_tasks(spec.environment)
    bare = make_training_env(spec.environment, _ALGORITHM, spec.seed, flat=False)
    try:
        agent, normalization = load_ppo(model, bare, spec.environment.task)
        env, statistics = with_saved_statistics(model, normalization)
        on_progress(Progress(phase="evaluation"))
        evaluation = _evaluate(agent, env, spec)
        return Recording(
            **_take(agent, env, spec, on_progress),
            policy=f"the PPO in {model}",
            notes=(
                f"observations are normalized as {statistics.name} beside it says"
                if statistics is not None
                else "no normalization statistics lie beside it: it sees the observations as they are",
            ),
            hyperparameters=None,
            training=None,
            evaluation=evaluation,
        )
    finally:
        bare.close()


_Taken = dict[str, Any]
"""The fields of a `Recording` that are the same for a trained and for a saved policy."""


def _take(agent: Any, env: VecEnv, spec: RecordSpec, on_progress: Callable[[Progress], None]) -> _Taken:
    # After the trained policy, since its statistics are frozen then: both see the same observations.
    untrained = _evaluate(_untrained(agent, env, spec.seed), env, spec)
    started_at = time.monotonic()
    actions = _roll_out(agent, env, spec, on_progress)
    space = _own_space(env)
    path = Path(spec.output_dir) / "actions.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_actions(path, actions, space.low.reshape(-1), space.high.reshape(-1))
    return {
        "untrained": untrained,
        "actions_path": str(path),
        "action_names": action_names(env),
        "steps": len(actions),
        "noise_std": None if spec.deterministic or agent.use_sde else _noise_std(agent),
        "recording_s": time.monotonic() - started_at,
    }


def _evaluate(agent: Any, env: VecEnv, spec: RecordSpec) -> Evaluation:
    return evaluate(agent, env, spec.n_eval_episodes, spec.eval_seed, spec.deterministic)


def _untrained(agent: Any, env: VecEnv, seed: int) -> Any:
    """An agent like `agent` that has learned nothing; its rollout buffer is as small as can be."""
    twin = type(agent)(
        agent.policy_class,
        env,
        n_steps=2,
        batch_size=2 * env.num_envs,
        use_sde=agent.use_sde,
        sde_sample_freq=agent.sde_sample_freq,
        policy_kwargs=agent.policy_kwargs,
        seed=seed,
    )
    twin.n_steps = agent.n_steps  # how often gSDE draws noise
    twin.set_logger(Logger(folder=None, output_formats=[]))
    return twin


def _roll_out(
    agent: Any, env: VecEnv, spec: RecordSpec, on_progress: Callable[[Progress], None]
) -> NDArray[np.float32]:
    """Actions of shape `(steps, action_dim)`, in the environment's units and clipped to the policy's space."""
    steps_per_env = _steps_per_env(env, spec)
    actions = np.empty((steps_per_env, env.num_envs, int(np.prod(env.action_space.shape))), np.float32)
    if isinstance(env, VecNormalize):
        env.training = False
    env.seed(spec.eval_seed)
    terrain = terrain_curriculum(env)
    # On levels that training reached: robots that still stand where the evaluation put them would be moved by that.
    with nullcontext() if terrain is None else terrain.held():
        observations = env.reset()
    reported_at = -math.inf
    for step in range(steps_per_env):
        if time.monotonic() >= reported_at + _REPORT_EVERY_S:
            reported_at = time.monotonic()
            on_progress(Progress(phase="recording", share=step / steps_per_env))
        draw_noise_as_in_training(agent, step, env.num_envs)
        chosen, _ = agent.predict(observations, deterministic=spec.deterministic)
        actions[step] = chosen.reshape(env.num_envs, -1)
        observations, _, _, _ = env.step(chosen)
    on_progress(Progress(phase="recording", share=1.0))
    return actions.reshape(steps_per_env * env.num_envs, -1)


def _steps_per_env(env: VecEnv, spec: RecordSpec) -> int:
    """A whole episode at least: a robot is pushed, and told another velocity, long after a reset.

    With thousands of environments `spec.steps` alone would show how it gets going.
    """
    whole_episode = min(episode_limit(env) or MIN_STEPS_PER_ENV, MAX_STEPS_PER_ENV)
    return max(math.ceil(spec.steps / env.num_envs), whole_episode)


def _noise_std(agent: Any) -> tuple[float, ...]:
    policy = agent.policy
    if isinstance(policy, BaseJaxPolicy):
        log_std = np.asarray(policy.actor_state.params["params"]["log_std"])
    else:
        log_std = policy.log_std.detach().cpu().numpy()
    return tuple(np.exp(log_std).tolist())


def _own_space(env: VecEnv) -> Any:
    """The action space as the task defines it, below all wrappers of ours."""
    while isinstance(env, VecEnvWrapper):
        env = env.venv
    return env.action_space
