"""Trains agents on the same robots with the same random numbers: ours on the device, sbx's on Stable-Baselines3's loop.

Usage: python -m tests.acceptance.same_steps, with ISAACSIM_ASSET_ROOT; prints a line of JSON, a `SameSteps`.
"""

from contextlib import closing
from dataclasses import replace
from typing import Any

import jax
import numpy as np
import sbx
from numpy.typing import NDArray
from pydantic import BaseModel
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from objectives.agents.chunked_training import CHUNK
from objectives.agents.factory import AGENT_KINDS, make_agent
from objectives.run_spec import ActionBounds, Backend, EnvironmentSpec
from objectives.training import make_training_env
from samplers import baseline
from tests.integration.our_draws import with_our_draws

N_ENVS, N_STEPS, AT_RANDOM, EPISODE = 32, 22, 8, 15
Stored = dict[str, NDArray[np.float32]]


class SameSteps(BaseModel):
    """Largest difference in each step of all environments between our agent and sbx's; and what happened."""

    observations: list[float]
    actions: list[float]
    rewards: list[float]
    n_ends_that_differ: int
    n_terminated: int
    n_timed_out: int
    normalization: float
    """Of the observations' means, in their standard deviations."""
    spread: list[float]
    """Standard deviation of all actions of a step."""


def same_steps() -> SameSteps:
    """Trains on a few steps of an A1 that is dropped on its back now and then."""
    jax.config.update("jax_disable_most_optimizations", True)
    backend: Backend = "isaaclab"
    spec = EnvironmentSpec(
        backend=backend, task="IsaacContrib-Velocity-Flat-UnitreeA1", physics="newton_mjwarp", n_envs=N_ENVS,
        max_episode_steps=EPISODE, action_bounds=ActionBounds(low=-3, high=3),
        env_kwargs={"events.reset_base.params.pose_range": {"roll": (-3.1, 3.1)}},
    )  # fmt: skip
    ours, theirs = AGENT_KINDS["sac"], replace(AGENT_KINDS["sac"], agent=with_our_draws(sbx.SAC))
    with closing(make_training_env(spec, "sac", seed=2)) as env:
        stored, seen = trained(ours, env, seed=1)
        reference, seen_there = trained(theirs, env, seed=1)
    return SameSteps(
        observations=by_step(stored, reference, "observations"),
        actions=by_step(stored, reference, "actions"),
        rewards=by_step(stored, reference, "rewards"),
        n_ends_that_differ=sum(int((stored[name] != reference[name]).sum()) for name in ("dones", "timeouts")),
        n_terminated=int((reference["dones"] - reference["timeouts"]).sum()),
        n_timed_out=int(reference["timeouts"].sum()),
        normalization=float((np.abs(seen.mean - seen_there.mean) / np.sqrt(seen_there.var + 1e-8)).max()),
        spread=[float(actions.std()) for actions in reference["actions"]],
    )


def trained(kind: Any, env: VecEnv, seed: int) -> tuple[Stored, RunningMeanStd]:
    """What an agent stored of its first steps, as it was stored, and the statistics of its observations."""
    AGENT_KINDS["sac"] = kind
    normalized = VecNormalize(env, norm_reward=False)
    small = {
        **baseline("tuned-a1"), "batch_size": 64, "buffer_size": N_ENVS * N_STEPS, "policy_delay": 2,
        "gradient_steps": CHUNK, "learning_starts": N_ENVS * AT_RANDOM,
    }  # fmt: skip
    small["policy_kwargs"]["net_arch"] = [32, 32]
    agent = make_agent("sac", small, normalized, seed)
    agent.learn(N_ENVS * N_STEPS)
    buffer = agent.replay_buffer
    arrays = buffer.stored.transitions if hasattr(buffer, "stored") else buffer
    names = ("observations", "actions", "rewards", "dones", "timeouts")
    return {name: np.array(getattr(arrays, name), np.float32) for name in names}, normalized.obs_rms


def by_step(one: Stored, other: Stored, name: str) -> list[float]:
    """Largest difference in each step."""
    return [float(np.abs(mine - theirs).max()) for mine, theirs in zip(one[name], other[name], strict=True)]


if __name__ == "__main__":
    print(same_steps().model_dump_json())
