"""What a trial ran on: versions of what matters, the git commit, the host.

Inside a container neither is to be seen: `HPO_GIT_COMMIT` and `HPO_HOST` say what its image and its machine are.
"""

import platform
import socket
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

from hpo.variables import GIT_COMMIT, HOST, value_of

_PACKAGES = (
    "hpo", "optuna", "cmaes", "sbx-rl", "stable-baselines3", "jax", "jaxlib", "flax", "optax", "gymnasium", "numpy",
    "torch", "isaaclab", "newton", "warp-lang",
)  # fmt: skip


def host() -> str:
    """Name of this machine: `HPO_HOST`, or the host name, which in a container is the container's."""
    return value_of(HOST) or socket.gethostname()


@cache
def versions() -> dict[str, str]:
    """Of Python, and of the packages that a result depends on and that are installed."""
    installed = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue  # Isaac Lab is optional
    return installed


@cache
def git_commit() -> str:
    """Commit of this project's checkout, marked where it has changes.

    For an installed package `HPO_GIT_COMMIT`, which an image notes when it is built, or `not a checkout`.
    """
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return value_of(GIT_COMMIT) or "not a checkout"
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return f"{commit}-dirty" if _git(root, "status", "--porcelain") else commit
    except (OSError, subprocess.CalledProcessError) as error:
        return f"unknown ({type(error).__name__})"


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()
