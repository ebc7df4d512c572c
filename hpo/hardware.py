"""What a worker runs on: its device, the hardware class a study remembers, and the lock that keeps a GPU to itself."""

import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from hpo.errors import UserError
from objectives import cgroups
from objectives.run_spec import Device

SHARED_NOTE = (
    "another hpo worker uses this CPU, so both train fewer steps in the same time. Their trials are marked "
    "(hardware_shared), and where time ends them a replay does not compare them"
)


_NO_GPU = ("", "-1", "NoDevFiles")
"""What CUDA_VISIBLE_DEVICES says where no GPU is to be used; the last is what batch systems write."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """The device of one worker."""

    device: Device
    name: str
    """GPU model, or CPU model and number of usable cores: the study's hardware class."""
    driver: str | None
    """GPU driver version."""
    gpu_uuid: str | None
    shared: bool = False
    """Another worker of this machine computes on the same CPU, and each slows the other down."""

    def environment(self) -> dict[str, str]:
        """Environment variables that confine the runner to this device."""
        if self.gpu_uuid is None:
            return {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
        # JAX would take 75 % of the memory at once and starve the simulator beside it.
        return {"CUDA_VISIBLE_DEVICES": self.gpu_uuid, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def cpu(shared: bool = False) -> Hardware:
    """The CPU, for work that is not measured, or `claimed_hardware` has claimed it."""
    return Hardware("cpu", cpu_name(), None, None, shared)


@contextmanager
def claimed_hardware(device: Device | None, gpu: int | None) -> Iterator[Hardware]:
    """Claims a free GPU, or the CPU where there is none, for as long as the context lasts.

    Args:
        device: None chooses a GPU where there is one.
        gpu: Index of the GPU to take; None takes the first free one.

    Raises:
        UserError: There is no such GPU, or other workers hold all of them.
    """
    gpus = [] if device == "cpu" else _gpus()
    if gpu is not None and (device == "cpu" or gpu >= len(gpus)):
        raise UserError(
            f"--gpu {gpu}: this machine shows {len(gpus)} GPUs" if device != "cpu" else "--gpu with --device cpu"
        )
    if device == "cuda" and not gpus:
        raise UserError("--device cuda: no NVIDIA GPU is visible here (see nvidia-smi)")
    if not gpus:
        with _exclusive("cpu") as alone:
            yield cpu(shared=not alone)
        return
    for candidate in gpus if gpu is None else [gpus[gpu]]:
        # Two trials on one GPU would falsify each other's clock.
        with _exclusive(f"gpu-{candidate.gpu_uuid}") as alone:
            if alone:
                yield candidate
                return
    busy = "every GPU of this machine" if gpu is None else f"GPU {gpu}"
    raise UserError(
        f"{busy} already belongs to another hpo worker; one worker owns one GPU (--device cpu uses the CPU)"
    )


def cpu_name() -> str:
    """CPU model and usable cores, for example `CPU AMD EPYC 9654 (2 cores)`, or `(0.3 cores)` of a container."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    cores = float(len(os.sched_getaffinity(0)))
    quota = cgroups.cpu_quota()
    return f"CPU {model} ({cores if quota is None else min(cores, quota):.3g} cores)"


def _gpus() -> list[Hardware]:
    """The GPUs that this process may see, in their order."""
    gpus = _gpus_of_the_machine()
    return [gpus[i] for i in visible_gpus(os.environ.get("CUDA_VISIBLE_DEVICES"), [str(gpu.gpu_uuid) for gpu in gpus])]


def _gpus_of_the_machine() -> list[Hardware]:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        driver = pynvml.nvmlSystemGetDriverVersion()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        return [
            Hardware("cuda", pynvml.nvmlDeviceGetName(handle), driver, pynvml.nvmlDeviceGetUUID(handle))
            for handle in handles
        ]
    finally:
        pynvml.nvmlShutdown()


def visible_gpus(visible: str | None, uuids: Sequence[str]) -> list[int]:
    """Which GPUs `CUDA_VISIBLE_DEVICES` shows, in the order that it gives them.

    As CUDA reads it (CUDA C++ Programming Guide, Environment Variables): numbers, or beginnings of identifiers that
    only one GPU has; what comes after an entry that is no GPU is not seen, so that `-1`, or an empty text, shows none.

    Args:
        visible: The variable; None: it is not set, and all are seen.
        uuids: Identifiers of the machine's GPUs, by number.

    Raises:
        UserError: It names something, and the first that it names is no GPU of this machine.
    """
    if visible is None:
        return list(range(len(uuids)))
    entries = [entry.strip() for entry in visible.split(",")]
    indices: list[int] = []
    for entry in entries:
        matching = [
            i for i, uuid in enumerate(uuids) if entry == str(i) or (entry[:1].isalpha() and uuid.startswith(entry))
        ]
        if len(matching) != 1:
            break
        indices += [i for i in matching if i not in indices]
    if not indices and entries[0] not in _NO_GPU:
        there = ", ".join(f"{i} ({uuid})" for i, uuid in enumerate(uuids)) or "none"
        raise UserError(
            f"CUDA_VISIBLE_DEVICES={visible} names no GPU of this machine, which has {there}; a MIG slice cannot be "
            "used. Unset it, or say --device cpu"
        )
    return indices


@contextmanager
def _exclusive(name: str) -> Iterator[bool]:
    """Whether no other worker of this machine holds `name`; if so, this one does while the context lasts."""
    lock = FileLock(_lock_folder() / f"{name}.lock", mode=0o666)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _lock_folder() -> Path:
    """One folder for all users of the machine: its devices are the machine's, not the user's."""
    folder = Path(tempfile.gettempdir()) / "hpo-locks"
    folder.mkdir(exist_ok=True)
    if folder.stat().st_uid == os.getuid():
        folder.chmod(0o1777)
    return folder
