"""Plays a kept policy: in a window, its episodes, its actions and a film."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from objectives.bounds.measured_bounds import dimension_labels
from objectives.environments import action_names, terrain_curriculum
from objectives.environments.observations import observation_parts
from objectives.environments.viewer import viewer
from objectives.errors import ConfigurationError, DivergedError
from objectives.evaluation import Episode, play_episodes, summary
from objectives.policies.acting import acting_agent, in_units, limits_of
from objectives.policies.action_use import action_uses, save_actions_picture
from objectives.policies.play import Played, PlayedEpisode, PlaySpec
from objectives.policies.policy_file import Policy, bounds_in_units
from objectives.run_result import Progress
from objectives.run_spec import EnvironmentSpec
from objectives.training import make_training_env

_WATCHED = 16
"""Robots in the window, not more than are played."""


def play_policy(spec: PlaySpec, on_progress: Callable[[Progress], None]) -> Played:
    """Plays episodes and, if asked, draws the actions and films the policy.

    Args:
        spec: What to play.
        on_progress: Told each change of phase, and how much of the film is done.

    Raises:
        ConfigurationError: The policy is none of this task's, or the task cannot be filmed.
    """
    policy = Policy.read(Path(spec.policy).read_bytes(), spec.policy)
    if spec.watched:
        _watch(policy, spec, on_progress)
    on_progress(Progress(phase="start-up"))
    env = make_training_env(spec.environment, policy.description.run.algorithm, spec.seed)
    actions: list[NDArray[np.float32]] = []
    try:
        agent, acting = _placed(policy, env, spec)
        on_progress(Progress(phase="evaluation"))
        episodes = _finite(
            spec, lambda: play_episodes(agent, acting, spec.n_episodes, spec.seed, spec.deterministic, actions.append)
        )
        terrain = terrain_curriculum(env)
        kinds = () if terrain is None else terrain.kinds
        middle = 0 if terrain is None else terrain.n_levels // 2
    finally:
        env.close()
    trained = policy.description
    taken = in_units(np.concatenate(actions), trained)
    low, high = np.array(trained.action_low, np.float32), np.array(trained.action_high, np.float32)
    names = dimension_labels(trained.action_names, taken.shape[1])
    uses = action_uses(taken, low, high, limits_of(trained) if trained.is_unbounded else (low, high), names)
    if spec.actions_picture is not None:
        title = f"{spec.environment.task}: {len(taken):,} actions of {spec.n_episodes} episodes"
        save_actions_picture(Path(spec.actions_picture), taken, uses, title)
    if spec.video is not None:
        _film(policy, spec, kinds, middle, on_progress)
    return Played(
        evaluation=_finite(spec, lambda: summary(episodes)),
        episodes=tuple(_played(episode) for episode in episodes),
        actions=uses,
        steps=sum(episode.length for episode in episodes),
    )


def _watch(policy: Policy, spec: PlaySpec, on_progress: Callable[[Progress], None]) -> None:
    """Shows the policy in a window, if asked."""
    from objectives.policies.watch import watch

    seen = spec.environment.model_copy(update={"n_envs": min(spec.environment.n_envs, _WATCHED), "viewer": True})
    on_progress(Progress(phase="start-up"))
    env = make_training_env(seen, policy.description.run.algorithm, spec.seed)
    try:
        viewer(env, spec.environment.task)
        agent, acting = _placed(policy, env, spec)
        on_progress(Progress(phase="watching"))
        _finite(spec, lambda: watch(agent, acting, spec))
    finally:
        env.close()


def _film(
    policy: Policy, spec: PlaySpec, kinds: tuple[str, ...], level: int, on_progress: Callable[[Progress], None]
) -> None:
    """One robot or, where there are several kinds of ground, one on each, at a middle level."""
    from objectives.policies.film import film

    seen = spec.environment.model_copy(update={"n_envs": max(1, len(kinds)), "film": True})
    on_progress(Progress(phase="filming"))
    env = make_training_env(seen, policy.description.run.algorithm, spec.seed)
    try:
        agent, acting = _placed(policy, env, spec)
        terrain = terrain_curriculum(env)

        def take() -> None:
            film(agent, acting, spec, lambda share: on_progress(Progress(phase="filming", share=share)))

        if terrain is None:
            _finite(spec, take)
        else:
            with terrain.one_of_each_kind(level):
                _finite(spec, take)
    finally:
        env.close()


def _placed(policy: Policy, env: VecEnv, spec: PlaySpec) -> tuple[BaseAlgorithm, VecEnv]:
    """`acting_agent`, in environments of the policy's own task."""
    _refuse_another_task(policy, env, spec.environment)
    return acting_agent(policy, env, spec.policy)


def _refuse_another_task(policy: Policy, env: VecEnv, where: EnvironmentSpec) -> None:
    """The task may have changed since, or its joints may have another order with other physics."""
    trained, (low, high) = policy.description, bounds_in_units(env)
    for what, then, now in (
        ("observations have the shape", trained.observation_shape, env.observation_space.shape),
        ("observations consist of", trained.observation_parts, observation_parts(env)),
        ("actions have the shape", trained.action_shape, env.action_space.shape),
        ("action dimensions are", trained.action_names, action_names(env)),
        ("action bounds begin at", _rounded(trained.action_low), _rounded(low)),
        ("action bounds end at", _rounded(trained.action_high), _rounded(high)),
    ):
        if _shown(then) != _shown(now):
            raise ConfigurationError(
                f"the policy is of another task than {where.task} is here: its {what} {_shown(then)}, and here "
                f"{_shown(now)}"
            )


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} ({length})" for name, length in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else "without names"


def _rounded(numbers: Any) -> tuple[float, ...]:
    return tuple(np.round(np.asarray(numbers, np.float64).reshape(-1), 5).tolist())


def _played(episode: Episode) -> PlayedEpisode:
    terrain, level = episode.ground or (None, None)
    return PlayedEpisode(
        episode_return=episode.episode_return,
        length=episode.length,
        ending=episode.ending,
        terrain=terrain,
        level=level,
    )


def _finite[Result](spec: PlaySpec, what: Callable[[], Result]) -> Result:
    try:
        return what()
    except DivergedError as error:
        raise ConfigurationError(f"the policy cannot be played on {spec.environment.task}: {error}") from error
