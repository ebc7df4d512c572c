"""Where an iteration of training on A1 goes, for `a1_speed.py`."""

import statistics
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.cartpole import ROOT

OWN = f"{ROOT}/objectives"
REPEATS = 30
"""Of each part of an iteration."""


def parts_ms(agent: Any) -> dict[str, float]:
    """Median milliseconds of the parts of an iteration, each waited for."""
    import jax
    import torch

    from objectives.agents.device_rollouts import _recorded
    from objectives.environments.on_device import step_on_device

    env = agent.env
    chosen = jax.block_until_ready(agent._choose_actions(0))
    stepped = step_on_device(env, chosen.in_units)

    def simulator() -> Any:
        step_on_device(env, chosen.in_units)
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    def record() -> Any:
        agent.replay_buffer.stored, agent.rollout = _recorded(
            agent.replay_buffer.stored, agent.rollout, chosen, agent._with_success(stepped), agent.rules
        )
        return agent.rollout.seen

    parts: dict[str, Callable[[], Any]] = {
        "policy": lambda: agent._choose_actions(0).in_units,
        "simulator": simulator,
        "record": record,
        "draw": lambda: agent._sample(16 * agent.batch_size),
        "update": lambda: (agent.train(agent.gradient_steps, agent.batch_size), agent.losses)[1],
    }
    return {name: round(1e3 * statistics.median(seconds_of(part)), 2) for name, part in parts.items()}


def seconds_of(part: Callable[[], Any]) -> list[float]:
    """What `part` takes, each time until the device has done it."""
    import jax

    taken = []
    for _ in range(REPEATS):
        started_at = time.perf_counter()
        jax.block_until_ready(part())
        taken.append(time.perf_counter() - started_at)
    return taken


def waits(agent: Any, learn_for: Callable[[float], None]) -> dict[str, float]:
    """Of torch for the GPU, in a step of training, by the innermost function of Isaac Lab or hpo that asks."""
    import torch

    asked: Counter[str] = Counter()

    def count(message: Any, *_: Any) -> None:
        if "synchronizing" in str(message):
            frames = [f for f in traceback.extract_stack() if "isaaclab" in f.filename or OWN in f.filename]
            innermost = frames[-1]
            asked[f"{Path(innermost.filename).name}: {innermost.name}"] += 1

    before = agent.num_timesteps
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = count
        torch.cuda.set_sync_debug_mode("warn")
        learn_for(1.0)
        torch.cuda.set_sync_debug_mode("default")
    steps = (agent.num_timesteps - before) / agent.n_envs
    return {who: round(times / steps, 2) for who, times in asked.items()}


def busy_ms(agent: Any, learn_for: Callable[[float], None]) -> float:
    """Milliseconds of an iteration in which the GPU computes anything, by torch's profiler, which sees JAX as well."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    before = agent.num_timesteps
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiled:
        learn_for(1.0)
        torch.cuda.synchronize()
    on_gpu = [event.time_range for event in profiled.events() if event.device_type == torch.autograd.DeviceType.CUDA]
    busy_us, until = 0.0, 0.0
    for span in sorted(on_gpu, key=lambda span: span.start):
        busy_us += max(0.0, span.end - max(span.start, until))
        until = max(until, span.end)
    return round(busy_us / 1e3 / ((agent.num_timesteps - before) / agent.n_envs), 2)
