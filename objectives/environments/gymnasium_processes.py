"""Gymnasium tasks that are slow to step: each environment in a process of its own (`vectorization_mode: async`)."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import gymnasium as gym
from gymnasium.vector import AsyncVectorEnv, AutoresetMode

from objectives.run_spec import EnvironmentSpec

_CONTEXT = "forkserver"
"""The runner has threads, of JAX and others, which its fork would not have. A server without any is forked instead."""


class EnvironmentProcesses(AsyncVectorEnv):
    """Copies of a task that are stepped at the same time, each in its own process.

    Args:
        spec: Which task, and how many copies.
        make: Makes one copy, in any process.
    """

    def __init__(self, spec: EnvironmentSpec, make: Callable[[EnvironmentSpec], gym.Env[Any, Any]]) -> None:
        # Imported once by the server, and not once in each process.
        multiprocessing.get_context(_CONTEXT).set_forkserver_preload([make.__module__, *spec.imports])
        one = make(spec)
        self.spec, self.action_names = one.spec, getattr(one.unwrapped, "action_names", None)
        one.close()
        with self._saying_who_died():
            super().__init__(
                [partial(make, spec)] * spec.n_envs,
                copy=False,  # whoever steps them copies
                context=_CONTEXT,
                autoreset_mode=AutoresetMode.SAME_STEP,
            )

    def reset_wait(self, timeout: float | None = None) -> tuple[Any, dict[str, Any]]:
        """Waits until all are reset.

        Raises:
            RuntimeError: A process died.
        """
        with self._saying_who_died():
            return super().reset_wait(timeout)

    def step_wait(self, timeout: float | None = None) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Waits until all are stepped.

        Raises:
            RuntimeError: A process died.
        """
        with self._saying_who_died():
            return super().step_wait(timeout)

    def close_extras(self, timeout: float | None = None, terminate: bool = False) -> None:
        """Ends the processes; where one has failed, it waits for none."""
        if not terminate and all(process.is_alive() for process in self.processes):
            super().close_extras(timeout)
            return
        for process in self.processes:
            process.kill()
            process.join()

    @contextmanager
    def _saying_who_died(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, ConnectionError) as error:
            raise RuntimeError(self._ending()) from error

    def _ending(self) -> str:
        """How the first process that died has died."""
        for number, process in enumerate(self.processes):
            process.join(timeout=1)
            if (code := process.exitcode) is not None:
                how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with status {code}"
                return f"the process of environment {number} {how}"
        return "a process of an environment closed its connection"
