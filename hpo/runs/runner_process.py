"""The runner: a child process that keeps the simulator and JAX's compiled code warm from one run to the next.

Started by `hpo.runs.runner.Runner` as `python -m hpo.runs.runner_process FD`; nothing else imports this module.
"""

import ctypes
import faulthandler
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from hpo.runs.runner_messages import (
    Abandon,
    Advanced,
    AskPpo,
    Check,
    Done,
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
    requests,
)
from objectives.errors import ConfigurationError, TooLargeError
from objectives.run_result import Progress

_PR_SET_PDEATHSIG = 1
LONGEST_REASON = 500
"""Characters of an error's text: a reason is a line; the log has all of it."""


class _AbandonedError(Exception):
    """Unwinds the run in progress."""


def main() -> None:
    """Answers requests until the supervisor closes the connection."""
    die_with(int(sys.argv[2]))
    faulthandler.enable()
    gc.disable()  # until `_start` has loaded what stays
    with Connection(int(sys.argv[1])) as connection:
        while True:
            try:
                request = requests.validate_json(connection.recv_bytes())
            except EOFError:
                return
            reply = _answer(request, connection)
            connection.send_bytes(reply.model_dump_json().encode())


def die_with(supervisor: int) -> None:
    """Has the kernel kill this process when the supervisor dies, so that no orphan keeps the GPU."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:  # it died before the request to the kernel
        sys.exit(f"the supervisor {supervisor} is gone")


def _answer(request: Request, connection: Connection) -> Reply:
    def report(progress: Progress) -> None:
        connection.send_bytes(Advanced(progress=progress).model_dump_json().encode())
        if progress.phase == "training" and connection.poll():
            connection.recv_bytes()  # only an Abandon is sent during a run
            raise _AbandonedError

    try:
        match request:
            case Start():
                _start(request)
                return Done()
            case Check():
                from objectives.run_check import check_run

                check_run(request.environment, request.algorithm, request.hyperparameters)
                return Done()
            case AskPpo():
                return _ppo(request)
            case Run():
                return _run(request, report)
            case Record():
                from objectives.bounds.policy_recording import record_policy

                return Recorded(recording=record_policy(request.spec, report))
            case Play():
                from objectives.policies.playing import play_policy

                return PlayEnded(played=play_policy(request.spec, report))
            case Export():
                from objectives.policies.exporting import export_policy

                export_policy(Path(request.policy), Path(request.out), request.about)
                return Done()
            case Abandon():
                # It crossed with the end of the run.
                return Done()
    except ConfigurationError as error:
        return Failed(category="configuration", reason=str(error))
    except TooLargeError as error:
        return Failed(category="refused", reason=str(error))
    except _AbandonedError:
        return Failed(category="abandoned", reason="abandoned as asked")
    except Exception as error:  # noqa: BLE001  (reported to the supervisor, which records it and starts a new runner)
        traceback.print_exc()
        return Failed(category="crash", reason=_one_line(error))


def _ppo(request: AskPpo) -> PpoKnown:
    from objectives.ppo_settings import ppo_settings, sbx_ppo_settings

    found = (sbx_ppo_settings if request.algorithm == "ppo" else ppo_settings)(request.environment)
    rewards = ("rewards are not normalized, as they are in Isaac Lab's settings",) if found.normalize_rewards else ()
    return PpoKnown(
        hyperparameters=found.hyperparameters,
        normalize=found.normalize,
        source=found.source,
        notes=(*found.notes, *rewards),
    )


def _run(request: Run, report: Callable[[Progress], None]) -> Finished:
    from objectives.policies.policy_file import Policy
    from objectives.training import train_run

    policies: list[bytes] = []
    result = train_run(
        request.spec, report, then=lambda agent, env: policies.append(Policy.of(agent, env, request.spec).as_bytes())
    )
    return Finished(result=result, policy=policies[0] if policies else None)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    shown = text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]} ..."
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__


def _start(request: Start) -> None:
    import jax

    import objectives.training  # noqa: F401  (and with it all that a run needs but its simulator)
    from objectives.agents.compilation import enable_compilation_cache

    # What is loaded stays: Python would look for garbage in it again and again, also in the middle of a run.
    gc.freeze()
    gc.enable()

    enable_compilation_cache(Path(request.compilation_cache))
    if request.device == "cuda" and jax.default_backend() != "gpu":
        raise ConfigurationError(
            "this machine has an NVIDIA GPU but JAX cannot use it: pip install 'hpo[cuda]', or run with --device cpu"
        )


if __name__ == "__main__":
    main()
