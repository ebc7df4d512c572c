"""What a command that trains needs of this machine, from the first line to the last."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage
from hpo.files.home import hpo_home, runner_log
from hpo.hardware import SHARED_NOTE, Hardware, claimed_hardware
from hpo.runs.runner import Runner
from hpo.terminal.console import make_display_console
from hpo.terminal.stop_signals import StopSignals
from objectives.run_spec import Device


@dataclass(frozen=True, slots=True)
class WhereToRun:
    """What the command line says of the machine."""

    device: Device | None
    gpu: int | None
    imports: tuple[str, ...]
    """Modules whose tasks register themselves."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A device that is claimed, signals that are listened to, an open storage and a runner."""

    console: Console
    hardware: Hardware
    signals: StopSignals
    storage: ResilientStorage
    runner: Runner


@contextmanager
def machine_of_workers(url: str | None, where: WhereToRun, drain: bool, name: str) -> Iterator[Machine]:
    """The machine, for as long as a worker or a replay works on it.

    Args:
        url: The storage.
        where: On which device.
        drain: Whether a signal lets the running trial finish.
        name: Of the runner's log.

    Raises:
        UserError: The device or the storage cannot be had.
    """
    console = make_display_console()
    home = hpo_home()
    with (
        claimed_hardware(where.device, where.gpu) as hardware,
        StopSignals(drain) as signals,
        open_storage(url, home, for_worker=True) as storage,
        closing(Runner(hardware, home / "cache", runner_log(home, name))) as runner,
    ):
        if hardware.shared:
            console.print(SHARED_NOTE, highlight=False)
        yield Machine(console, hardware, signals, storage, runner)


@contextmanager
def machine_of_one_run(where: WhereToRun, log: Path) -> Iterator[tuple[Hardware, Runner]]:
    """The machine, for one run without a study, whose runner writes to `log`.

    Raises:
        UserError: The device cannot be had.
    """
    with (
        claimed_hardware(where.device, where.gpu) as hardware,
        closing(Runner(hardware, hpo_home() / "cache", log)) as runner,
    ):
        yield hardware, runner
