"""Trains and evaluates on the rough ground of the real A1, lets episodes end by their time limit, and pushes robots.

Usage: python watched_terrain.py, with ISAACSIM_ASSET_ROOT; prints a line of JSON, a `Watched`.
"""

from contextlib import closing
from typing import Any

import jax
import numpy as np
import torch
from pydantic import BaseModel
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from objectives.agents.chunked_training import ChunkedTraining
from objectives.agents.factory import make_agent
from objectives.environments import (
    make_vec_env,
    robot_velocities,
    spread_episodes,
    terrain_curriculum,
    torch_exchange,
)
from objectives.environments.on_device import Stepped
from objectives.run_result import RunResult
from objectives.run_spec import ActionBounds, Backend, EnvironmentSpec, RunSpec
from objectives.training import make_training_env, train_run

N_ENVS = 60
A_STEP = 0.2
"""More than a cart or a pole moves in one step; a new command is further away."""
ISAACLAB: Backend = "isaaclab"


class LastObservations(BaseModel):
    """Of environments whose episode ended by the time limit in one step."""

    n_ended: int
    n_truncated: int
    n_first_of_the_next: int
    """Whose last observation is the first one of the next episode."""
    n_as_before: int
    """Who still has the command of the step before it, or where nobody commands, who is where it was."""


class Ends(BaseModel):
    """Which episodes end in which step, after each environment was put at a random moment of its episode."""

    episode_limit: int
    expected: list[int]
    """Of each environment the step in which its episode has lasted as long as it may."""
    seen: list[int]
    """Of each environment the first step in which its episode ended by the time limit."""


class Differences(BaseModel):
    """Largest differences between what Isaac Lab handed over and what was learned from, after it wrote over it."""

    observations: float
    last_observations: float
    rewards: float
    ends: int
    timeouts: int


class Followed(BaseModel):
    """What `robot_velocities` says of the robots of a velocity task that were pushed about."""

    fastest: float
    """Of all numbers, m/s or rad/s."""
    farthest_commanded: float
    """Largest difference from what the policy's own observation says, by the names of its terms."""
    farthest_actual: float


class Watched(BaseModel):
    """What happened."""

    levels_at_the_start: list[int]
    """Of the environments, as Isaac Lab draws them for the seed of the evaluation."""
    types: list[str]
    levels_after_evaluation: list[int]
    result: RunResult
    transitions_that_the_evaluation_ended: int
    """In the replay buffer, marked as ended by the time limit."""
    last_observations: dict[str, LastObservations]
    """By task."""
    ends: dict[str, Ends]
    """By task."""
    overwritten: Differences
    overwritten_without_clones: Differences
    followed: Followed


def watch() -> Watched:
    environment = EnvironmentSpec(
        backend=ISAACLAB, task="A1-Rough-Short", physics="newton_mjwarp", n_envs=N_ENVS,
        imports=("isaaclab_joint_tasks",), action_bounds=ActionBounds(low=-1, high=1),
    )  # fmt: skip
    fresh = make_vec_env(environment, seed=4)
    terrain = terrain_curriculum(fresh)
    assert terrain is not None
    at_the_start, types = terrain.levels.tolist(), list(terrain.types)
    fresh.close()
    after: list[list[int]] = []
    marked: list[int] = []

    def look(agent: BaseAlgorithm, env: VecEnv) -> None:
        trained_on = terrain_curriculum(env)
        assert trained_on is not None
        after.append(trained_on.levels.tolist())
        assert isinstance(agent, ChunkedTraining)
        marked.append(int(agent.replay_buffer.stored.transitions.timeouts.sum()))

    small = {"learning_starts": 0, "buffer_size": 10_000, "batch_size": 16, "policy_kwargs": {"net_arch": [16]}}
    run = RunSpec(
        environment=environment, hyperparameters=small, seed=3, eval_seed=4, budget_s=600, max_steps=3 * N_ENVS,
        n_eval_episodes=N_ENVS, n_evaluations=1,
    )  # fmt: skip
    result = train_run(run, lambda _: None, then=look)
    with closing(short_episodes("IsaacContrib-Velocity-Flat-UnitreeA1", "newton_mjwarp")) as env:
        a1 = ending(env), ends(env), followed(env)
    with closing(short_episodes("Isaac-Cartpole-Direct", None)) as env:
        cartpole = ending(env), ends(env)
    return Watched(
        levels_at_the_start=at_the_start, types=types, levels_after_evaluation=after[0], result=result,
        transitions_that_the_evaluation_ended=marked[0],
        last_observations={"A1": a1[0], "Cartpole": cartpole[0]},
        ends={"A1": a1[1], "Cartpole": cartpole[1]},
        overwritten=overwritten(clones=True),
        overwritten_without_clones=overwritten(clones=False),
        followed=a1[2],
    )  # fmt: skip


def short_episodes(task: str, physics: str | None) -> VecEnv:
    """Sixteen environments with episodes of twelve steps, and observations without noise."""
    quiet = {} if physics is None else {"observations.policy.enable_corruption": False}
    spec = EnvironmentSpec(
        backend=ISAACLAB, task=task, physics=physics, n_envs=16, max_episode_steps=12, env_kwargs=quiet
    )
    return make_vec_env(spec, seed=0)


def ending(env: VecEnv) -> LastObservations:
    """Ends all episodes by their time limit."""
    env.reset()
    still = np.zeros((16, *env.action_space.shape), np.float32)
    before, *_ = env.step(still)
    env.unwrapped.episode_length_buf[:] = env.unwrapped.max_episode_length - 1
    first_of_the_next, _, dones, infos = env.step(still)
    last = np.array([info["terminal_observation"] for info, done in zip(infos, dones, strict=True) if done])
    truncated = [info["TimeLimit.truncated"] for info, done in zip(infos, dones, strict=True) if done]
    return LastObservations(
        n_ended=int(dones.sum()),
        n_truncated=sum(map(bool, truncated)),
        n_first_of_the_next=int((last == first_of_the_next[dones]).all(axis=1).sum()),
        n_as_before=int((np.abs((last - before[dones])[:, what_stays(env)]) < A_STEP).all(axis=1).sum()),
    )


def ends(env: VecEnv) -> Ends:
    """Spreads episodes of twelve steps, and looks when they end."""
    env.reset()
    spread_episodes(env)
    expected = (12 - env.unwrapped.episode_length_buf).tolist()
    seen = [0] * 16
    still = np.zeros((16, *env.action_space.shape), np.float32)
    for step in range(1, 13):
        _, _, dones, infos = env.step(still)
        for number in np.flatnonzero(dones):
            if infos[number]["TimeLimit.truncated"] and not seen[number]:
                seen[number] = step
    return Ends(episode_limit=env.episode_limit, expected=expected, seen=seen)


def followed(env: VecEnv) -> Followed:
    """Compares the velocities of robots that are pushed about with the policy's observations."""
    env.reset()
    random = np.random.default_rng(0)
    for _ in range(10):
        seen, *_ = env.step(random.uniform(-2, 2, (16, *env.action_space.shape)).astype(np.float32))
    velocities, parts = robot_velocities(env), env.observation_parts
    assert velocities is not None
    ends = dict(zip(parts, np.cumsum(list(parts.values())), strict=True))
    linear, turn, command = (
        seen[:, ends[name] - 3 : ends[name]] for name in ("base_lin_vel", "base_ang_vel", "velocity_commands")
    )
    return Followed(
        fastest=float(np.abs(velocities.actual).max()),
        farthest_commanded=float(np.abs(velocities.commanded - command).max()),
        farthest_actual=float(np.abs(velocities.actual - np.hstack([linear[:, :2], turn[:, 2:]])).max()),
    )


def overwritten(clones: bool) -> Differences:
    """Trains while all that Isaac Lab hands over is overwritten at once, and looks at what was stored.

    A CPU computes at once as well, from what is not overwritten yet. So arrays are passed on here as they are shared,
    and read when they are overwritten, as by a GPU that computes later.
    """
    spec = EnvironmentSpec(
        backend=ISAACLAB, task="IsaacContrib-Velocity-Flat-UnitreeA1", physics="newton_mjwarp", n_envs=8,
        max_episode_steps=5, action_bounds=ActionBounds(low=-1, high=1),
    )  # fmt: skip
    env = make_training_env(spec, "sac", seed=0)
    task = env.unwrapped
    step = task.step
    given: list[list[torch.Tensor]] = []
    shared: list[torch.Tensor] = []

    def handing_over(actions: torch.Tensor) -> Any:
        observations, rewards, terminated, truncated, extras = step(actions)
        last = extras.get("final_obs", observations)
        shared[:] = [observations["policy"], last["policy"], rewards, terminated, truncated]
        given.append([tensor.clone() for tensor in shared])
        return observations, rewards, terminated, truncated, extras

    bounded = env.venv
    step_on_device = bounded.step_on_device

    def poisoned(actions: jax.Array) -> Stepped:
        answer = step_on_device(actions)
        for tensor in shared:
            tensor.fill_(True if tensor.dtype == torch.bool else 1e6)
        return answer

    task.step, bounded.step_on_device = handing_over, poisoned
    keep, join = torch_exchange.kept, torch_exchange._joined
    torch_exchange._joined = as_shared
    if not clones:
        torch_exchange.kept = lambda tensor: tensor
    try:
        small = {"learning_starts": 0, "buffer_size": 8 * 16, "batch_size": 16, "policy_kwargs": {"net_arch": [16]}}
        agent = make_agent("sac", small, env, seed=0)
        agent.learn(8 * 13)
        stored = agent.replay_buffer.stored.transitions
    finally:
        torch_exchange.kept, torch_exchange._joined = keep, join
        env.close()

    def farthest(array: Any, tensors: list[torch.Tensor]) -> float:
        return float(np.abs(np.asarray(array)[: len(tensors)] - torch.stack(tensors).numpy()).max())

    observations, last, rewards, terminated, truncated = ([one[part] for one in given] for part in range(5))
    ended = [one | other for one, other in zip(terminated, truncated, strict=True)]
    return Differences(
        observations=farthest(stored.observations[1:], observations[:-1]),
        last_observations=farthest(stored.next_observations, last),
        rewards=farthest(stored.rewards, rewards),
        ends=int(farthest(stored.dones.astype(int), ended)),
        timeouts=int(farthest(stored.timeouts.astype(int), truncated)),
    )


def as_shared(
    observations: jax.Array, last: jax.Array, rewards: jax.Array, terminated: jax.Array, truncated: jax.Array
) -> Stepped:
    """The arrays themselves. Where episodes ended, and what was seen last, is as it is when that is read."""
    return Stepped(observations, last, rewards, terminated, truncated, None)


def what_stays(env: VecEnv) -> slice:
    """The part of an observation that hardly changes in a step; a robot that was just put down may fall."""
    manager = getattr(env.unwrapped, "observation_manager", None)
    if manager is None:
        return slice(0, None, 2)  # of pole and cart the places, not the velocities
    names, shapes = manager.active_terms["policy"], manager.group_obs_term_dim["policy"]
    begins = sum(size for (size,) in shapes[: names.index("velocity_commands")])
    return slice(begins, begins + 2)  # the turn follows the heading


if __name__ == "__main__":
    print(watch().model_dump_json(), flush=True)
