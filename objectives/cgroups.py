"""What the control groups of this process let it use: batch systems and containers set limits that nothing else shows.

Both versions of the interface: in v2 a group has all controllers, in v1 each controller has a tree of its own
(https://docs.kernel.org/admin-guide/cgroup-v2.html, .../cgroup-v1/memory.html). A group's limit binds all below it, so
the tightest one from this process's group up to the root counts. Inside a container the paths that the kernel tells
may begin above what is mounted there; then the mounted root is the container's own group.
"""

from collections.abc import Iterator
from pathlib import Path

MOUNTED = Path("/sys/fs/cgroup")
OF_THIS_PROCESS = Path("/proc/self/cgroup")


def cpu_quota(mounted: Path = MOUNTED, of_this_process: Path = OF_THIS_PROCESS) -> float | None:
    """How many cores' time this process may use; None: no group limits it."""
    quotas = []
    for folder in _groups("", mounted, of_this_process):
        quota, _, period = _read(folder / "cpu.max").partition(" ")
        if quota and quota != "max":
            quotas.append(float(quota) / float(period))
    for folder in _groups("cpu", mounted, of_this_process):
        microseconds, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
        if microseconds and period and float(microseconds) > 0:
            quotas.append(float(microseconds) / float(period))
    return min(quotas, default=None)


def free_memory(mounted: Path = MOUNTED, of_this_process: Path = OF_THIS_PROCESS) -> float | None:
    """Bytes that this process's groups still let it allocate; None: none limits it.

    Pages of files that the kernel drops when memory is asked for count as free.
    """
    free = []
    for controller, limit_name, used_name, dropped_name in (
        ("", "memory.max", "memory.current", "inactive_file"),
        ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        for folder in _groups(controller, mounted, of_this_process):
            limit, used = _read(folder / limit_name), _read(folder / used_name)
            if used and limit not in ("", "max"):
                lines = (line.split() for line in _read(folder / "memory.stat").splitlines())
                dropped = {name: float(number) for name, number in lines}.get(dropped_name, 0.0)
                free.append(float(limit) - float(used) + dropped)
    return min(free, default=None)


def _groups(controller: str, mounted: Path, of_this_process: Path) -> Iterator[Path]:
    """The folders of this process's group and of those above it; with no `controller`, those of v2."""
    for line in _read(of_this_process).splitlines():
        _, controllers, group = line.split(":", 2)
        if controller not in controllers.split(","):
            continue
        for name in (controllers, controller) if controller else ("unified", ""):
            root = mounted / name
            if root.is_dir():
                inside = root / group.lstrip("/")
                yield from (folder for folder in (inside, *inside.parents) if folder == root or root in folder.parents)
                break


def _read(path: Path) -> str:
    """What is in `path`; empty where there is no such file, as in a root group, or it may not be read."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""
