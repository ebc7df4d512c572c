"""The supervisor's hold on its runner: start it, give it work, and end it whatever it does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, Never

from hpo.errors import UserError
from hpo.hardware import Hardware
from hpo.runs.limits import Limits
from hpo.runs.runner_messages import (
    Abandon,
    Advanced,
    AskPpo,
    Check,
    Ended,
    Export,
    Failed,
    Finished,
    Play,
    PlayEnded,
    PpoKnown,
    Record,
    Recorded,
    Reply,
    Request,
    Run,
    Start,
    replies,
)
from objectives.bounds.recording import Recording, RecordSpec
from objectives.errors import ConfigurationError, TooLargeError
from objectives.policies.play import Played, PlaySpec
from objectives.run_result import Phase, Progress, RunResult
from objectives.run_spec import Algorithm, EnvironmentSpec, PpoAlgorithm, RunSpec

POLL_S = 0.5
"""How long a stop signal may go unnoticed."""
_DATABASE = ("HPO_STORAGE", "PG")
"""How names of variables begin that lead to the database: its URL, passwords, the files and keys of libpq."""
LOG_TAIL_LINES = 200
"""Of the runner's output, kept with a failed trial: a traceback (sixty lines through the wrappers), and what came
before it, which is often the cause."""


class RunnerCrashedError(Exception):
    """A run ended without a result; carries the reason and the runner's last output."""

    def __init__(self, reason: str, last_output: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.last_output = last_output


class RunAbandonedError(Exception):
    """A run was ended early as `on_progress` asked; the runner stays warm."""


class RunInterruptedError(Exception):
    """A run was given up because the worker is stopping."""


class Runner:
    """One child process at a time, started when it is needed, reused for the next run.

    Args:
        hardware: The device the runner is confined to.
        cache_dir: Folder of the compilation caches.
        log_path: File that takes the runner's standard output and error.
        limits: When a runner counts as hung.
        recycle_after: Runs after which a new process takes over: simulators leak.
    """

    def __init__(
        self, hardware: Hardware, cache_dir: Path, log_path: Path, limits: Limits | None = None, recycle_after: int = 50
    ) -> None:
        self._hardware = hardware
        self._cache_dir = cache_dir
        self.log_path = log_path
        self._limits = limits or Limits()
        self._recycle_after = recycle_after
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._runs = 0
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is no child."""
        return None if self._process is None else self._process.pid

    def check(
        self,
        environment: EnvironmentSpec,
        algorithm: Algorithm,
        examples: tuple[dict[str, Any], ...],
        interrupted: Callable[[], bool],
    ) -> None:
        """Makes environment and agent once, steps, and looks whether `algorithm` knows the names in `examples`.

        Raises:
            ConfigurationError: They cannot be made or stepped as configured, or an example has a name that is unknown.
            RunnerCrashedError: The runner failed otherwise.
            RunInterruptedError: `interrupted` returned True.
        """
        with self._child(interrupted):
            self._send(Check(environment=environment, algorithm=algorithm, hyperparameters=examples))
            self._receive(self._limits.start_up_s, "start-up", interrupted)

    def ppo_settings(
        self, environment: EnvironmentSpec, algorithm: PpoAlgorithm, interrupted: Callable[[], bool]
    ) -> PpoKnown:
        """How `algorithm` is trained on the environment's task where nobody says.

        Raises:
            ConfigurationError: The task's module is not there.
            RunnerCrashedError: The runner failed otherwise.
            RunInterruptedError: `interrupted` returned True.
        """
        with self._child(interrupted):
            self._send(AskPpo(environment=environment, algorithm=algorithm))
            reply = self._receive(self._limits.start_up_s, "start-up", interrupted)
        assert isinstance(reply, PpoKnown)
        return reply

    def run(
        self,
        spec: RunSpec,
        on_progress: Callable[[Progress], bool],
        interrupted: Callable[[], bool],
        on_policy: Callable[[bytes], None] | None = None,
    ) -> RunResult:
        """Runs `spec` in the child.

        Args:
            spec: What to run.
            on_progress: Told each sign of life; returns whether the run shall go on.
            interrupted: Asked at least every `POLL_S` seconds whether to give up.
            on_policy: Given the trained policy's file, unless the run diverged.

        Raises:
            ConfigurationError: The run cannot work as configured.
            TooLargeError: It needs more memory than there is; the runner stays warm.
            RunnerCrashedError: The child failed, died or hung.
            RunAbandonedError: `on_progress` returned False.
            RunInterruptedError: `interrupted` returned True.
        """
        reply = self._work(Run(spec=spec), spec.budget_s, on_progress, interrupted)
        assert isinstance(reply, Finished)
        if on_policy is not None and reply.policy is not None:
            on_policy(reply.policy)
        return reply.result

    def record(
        self, spec: RecordSpec, on_progress: Callable[[Progress], bool], interrupted: Callable[[], bool]
    ) -> Recording:
        """Records a PPO's actions in the child; arguments and errors are those of `run`."""
        reply = self._work(Record(spec=spec), spec.budget_s, on_progress, interrupted)
        assert isinstance(reply, Recorded)
        return reply.recording

    def play(self, spec: PlaySpec, on_progress: Callable[[Progress], bool], interrupted: Callable[[], bool]) -> Played:
        """Plays a kept policy in the child; arguments and errors are those of `run`."""
        reply = self._work(Play(spec=spec), 0.0, on_progress, interrupted)
        assert isinstance(reply, PlayEnded)
        return reply.played

    def export_policy(self, policy: Path, out: Path, about: dict[str, str], interrupted: Callable[[], bool]) -> None:
        """Has the child write the policy in file `policy` to `out`, an ONNX or TorchScript file.

        Args:
            policy: A kept policy.
            out: What its name ends in says which format.
            about: What its reader should know of where it comes from.
            interrupted: As of `run`.

        Raises:
            ConfigurationError: It is no policy, or one that cannot be written so.
            RunnerCrashedError: The child failed otherwise.
            RunInterruptedError: `interrupted` returned True.
        """
        with self._child(interrupted):
            self._send(Export(policy=str(policy), out=str(out), about=about))
            self._receive(self._limits.start_up_s, "start-up", interrupted)

    def close(self) -> None:
        """Ends the child and everything it started."""
        if self._process is None:
            return
        assert self._connection is not None
        self._connection.close()
        _kill_group(self._process)
        self._process = None
        self._connection = None
        self._runs = 0

    def _work(
        self,
        request: Run | Record | Play,
        budget_s: float,
        on_progress: Callable[[Progress], bool],
        interrupted: Callable[[], bool],
    ) -> Ended:
        """Has the child do `request`, through all its phases."""
        if self._runs >= self._recycle_after:
            self.close()
        with self._child(interrupted):
            self._send(request)
            phase: Phase = "start-up"
            while True:
                # Each sign of life within a phase moves nothing: the limit is the phase's own.
                reply = self._receive_phase(phase, budget_s, interrupted, on_progress)
                if isinstance(reply, Ended):
                    self._runs += 1
                    return reply
                phase = reply

    def _receive_phase(
        self, phase: Phase, budget_s: float, interrupted: Callable[[], bool], on_progress: Callable[[Progress], bool]
    ) -> Phase | Ended:
        """Waits through one phase: gives the next phase, or the result."""
        deadline = time.monotonic() + self._limits.of(phase, budget_s)
        while True:
            reply = self._receive(deadline - time.monotonic(), phase, interrupted)
            if isinstance(reply, Ended):
                return reply
            assert isinstance(reply, Advanced)
            # Where messages come faster than `_receive` looks.
            if interrupted():
                raise RunInterruptedError
            # What waits was sent while nobody looked: this process was stopped, or the database away.
            if time.monotonic() > deadline and reply.progress.phase == phase and not self._connection_has_more():
                raise self._hung(phase)
            if not on_progress(reply.progress):
                self._abandon(phase, deadline, budget_s, interrupted)
            if reply.progress.phase != phase:
                return reply.progress.phase

    def _abandon(self, phase: Phase, deadline: float, budget_s: float, interrupted: Callable[[], bool]) -> Never:
        """Ends the run and leaves the runner ready for the next; raises `RunAbandonedError`.

        A run that sees the request too late goes on to its end.
        """
        self._send(Abandon())
        while not isinstance(reply := self._receive(deadline - time.monotonic(), phase, interrupted), Ended):
            assert isinstance(reply, Advanced)
            if reply.progress.phase != phase:
                phase = reply.progress.phase
                deadline = time.monotonic() + self._limits.of(phase, budget_s)
        # The request, which the run ended without, is answered by itself.
        self._receive(self._limits.grace_s, phase, interrupted)
        raise RunAbandonedError

    @contextmanager
    def _child(self, interrupted: Callable[[], bool]) -> Iterator[None]:
        """A living child; a run that was not begun leaves it alive, everything else ends it."""
        try:
            if self._process is None:
                self._spawn()
                self._send(Start(device=self._hardware.device, compilation_cache=str(self._cache_dir / "jax")))
                self._receive(self._limits.start_up_s, "start-up", interrupted)
            self._log_start = self.log_path.stat().st_size
            yield
        except (ConfigurationError, TooLargeError, RunAbandonedError):
            raise
        except BaseException:
            self.close()
            raise

    def _spawn(self) -> None:
        try:
            self.log_path.parent.mkdir(parents=True, exist_ok=True)
            opened = self.log_path.open("ab")
        except OSError as error:
            raise UserError(
                f"{self.log_path} cannot be written: {error.strerror}; HPO_HOME names another folder"
            ) from error
        supervisors_end, runners_end = Pipe()
        with runners_end, opened as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hpo.runs.runner_process", str(runners_end.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[runners_end.fileno()],
                env={**_without_secrets(os.environ), **self._environment()},
                # Its own session: the terminal's Ctrl-C is the supervisor's to handle, and the group can be killed.
                start_new_session=True,
            )
        self._connection = supervisors_end

    def _environment(self) -> Mapping[str, str]:
        defaults = {"WARP_CACHE_PATH": str(self._cache_dir / "warp"), "PYTHONUNBUFFERED": "1"}
        return {**{k: v for k, v in defaults.items() if k not in os.environ}, **self._hardware.environment()}

    def _send(self, request: Request) -> None:
        assert self._connection is not None
        try:
            self._connection.send_bytes(request.model_dump_json().encode())
        except OSError as error:
            raise self._crashed(self._ending()) from error

    def _receive(self, timeout_s: float, phase: Phase, interrupted: Callable[[], bool]) -> Reply:
        assert self._connection is not None
        deadline = time.monotonic() + timeout_s
        while not self._connection.poll(POLL_S):
            if interrupted():
                raise RunInterruptedError
            if time.monotonic() > deadline:
                raise self._hung(phase)
        try:
            reply = replies.validate_json(self._connection.recv_bytes())
        except (EOFError, OSError) as error:  # OSError: it died in the middle of a message
            raise self._crashed(self._ending()) from error
        if not isinstance(reply, Failed):
            return reply
        if reply.category == "abandoned":
            raise RunAbandonedError
        if reply.category == "refused":
            raise TooLargeError(reply.reason)
        raise ConfigurationError(reply.reason) if reply.category == "configuration" else self._crashed(reply.reason)

    def _connection_has_more(self) -> bool:
        assert self._connection is not None
        return self._connection.poll()

    def _ending(self) -> str:
        """How the child died."""
        assert self._process is not None
        try:
            code = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "the runner closed its connection but lives on"
        if code >= 0:
            return f"the runner exited with status {code}"
        hint = " (out of memory?)" if -code == signal.SIGKILL else ""
        return f"the runner was killed by {signal.Signals(-code).name}{hint}"

    def _hung(self, phase: Phase) -> RunnerCrashedError:
        return self._crashed(f"hung: {phase} took longer than its limit, the runner was killed")

    def _crashed(self, reason: str) -> RunnerCrashedError:
        with self.log_path.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()
        return RunnerCrashedError(reason, "\n".join(lines[-LOG_TAIL_LINES:]))


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The runner runs the task's code and needs no database."""
    return {name: value for name, value in environment.items() if not name.startswith(_DATABASE)}


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):  # it and all its children are gone already
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
