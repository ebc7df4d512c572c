"""Limits of control groups, in trees of files as the kernel shows them."""

from pathlib import Path

import pytest

from objectives.cgroups import cpu_quota, free_memory


def tree(folder: Path, of_this_process: str, files: dict[str, str]) -> tuple[Path, Path]:
    """The mounted groups, and what the kernel says of the group of this process."""
    mounted, told = folder / "mounted", folder / "cgroup"
    mounted.mkdir()
    for name, content in files.items():
        (mounted / name).parent.mkdir(parents=True, exist_ok=True)
        (mounted / name).write_text(f"{content}\n")
    told.write_text(of_this_process)
    return mounted, told


STAT_V2 = "anon 300000\ninactive_file 50000"
STAT_V1 = "cache 9\ntotal_inactive_file 50000"


@pytest.mark.parametrize(
    ("of_this_process", "files", "cores"),
    [
        ("0::/\n", {"cpu.max": "30000 100000"}, 0.3),
        ("0::/\n", {"cpu.max": "max 100000"}, None),
        ("0::/slurm/job/step\n", {"slurm/job/cpu.max": "400000 100000", "slurm/job/step/cpu.max": "max 100000"}, 4),
        ("0::/a/b\n", {"a/cpu.max": "100000 100000", "a/b/cpu.max": "300000 100000"}, 1),
        ("3:cpu,cpuacct:/\n", {"cpu,cpuacct/cpu.cfs_quota_us": "-1", "cpu,cpuacct/cpu.cfs_period_us": "100000"}, None),
        ("3:cpu,cpuacct:/j\n", {"cpu/j/cpu.cfs_quota_us": "250000", "cpu/j/cpu.cfs_period_us": "100000"}, 2.5),
        # Inside a container the kernel may tell the path on the host, and the container's group is what is mounted.
        ("1:cpu:/docker/1f\n0::/\n", {"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}, 0.5),
        ("", {}, None),
    ],
)
def test_the_tightest_quota_of_cores_counts(
    tmp_path: Path, of_this_process: str, files: dict[str, str], cores: float | None
) -> None:
    assert cpu_quota(*tree(tmp_path, of_this_process, files)) == cores


@pytest.mark.parametrize(
    ("of_this_process", "files", "free"),
    [
        ("0::/\n", {"memory.max": "1000000", "memory.current": "600000", "memory.stat": STAT_V2}, 450_000),
        ("0::/\n", {"memory.max": "max", "memory.current": "600000", "memory.stat": STAT_V2}, None),
        ("0::/a/b\n", {"a/memory.max": "700000", "a/memory.current": "600000", "a/b/memory.max": "max"}, 100_000),
        (
            "4:memory:/job\n0::/\n",
            {
                "memory/job/memory.limit_in_bytes": "1000000",
                "memory/job/memory.usage_in_bytes": "600000",
                "memory/job/memory.stat": STAT_V1,
            },
            450_000,
        ),
    ],
)
def test_the_tightest_limit_of_memory_counts_and_file_cache_does_not(
    tmp_path: Path, of_this_process: str, files: dict[str, str], free: float | None
) -> None:
    assert free_memory(*tree(tmp_path, of_this_process, files)) == free
