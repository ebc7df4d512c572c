"""Stand-ins for the images that docker-compose.yml starts from, for machines that cannot pull: made with debootstrap.

The one has Debian, the running Python and a folder of the wheels that the images need, so that they are built without a
network. The other has Debian's PostgreSQL, and of the official image's entrypoint what the stack uses.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_RELEASE = "bookworm"
# What a Python that was built from source is linked with.
_PYTHON_NEEDS = (
    "ca-certificates,libbz2-1.0,libexpat1,libffi8,liblzma5,libncursesw6,libreadline8,libsqlite3-0,libssl3,libuuid1,"
    "tzdata"
)
_POSTGRES_BIN = "/usr/lib/postgresql/15/bin"


def python_image(project: Path) -> str:
    """Name of the stand-in for the Python image, made unless it exists; the wheels are those of `project`."""
    needs = b"".join((project / name).read_bytes() for name in ("constraints.txt", "pyproject.toml"))
    name = f"hpo-stand-in-python:{hashlib.sha256(needs).hexdigest()[:12]}"
    if not _exists(name):
        with _new_root(_PYTHON_NEEDS) as folder:
            root = Path(folder)
            unneeded = shutil.ignore_patterns("site-packages", "test", "__pycache__")
            shutil.copytree(sys.base_prefix, root / "usr/local", symlinks=True, ignore=unneeded, dirs_exist_ok=True)
            subprocess.run(["chroot", root, "ldconfig"], check=True)
            wheels = root / "srv/wheels"
            constraint = project / "constraints.txt"
            pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--constraint", constraint, "--wheel-dir", wheels]
            subprocess.run([*pip, project, "setuptools>=77"], check=True)
            for ours in wheels.glob("hpo-*.whl"):  # the images build it from their sources
                ours.unlink()
            (root / "etc/pip.conf").write_text("[global]\nno-index = true\nfind-links = /srv/wheels\n")
            _import(root, name, ['CMD ["python3.12"]'])
    return name


def postgres_image() -> str:
    """Name of the stand-in for the official PostgreSQL image, made unless it exists."""
    entrypoint = Path(__file__).with_name("postgres_entrypoint.sh")
    name = f"hpo-stand-in-postgres:{hashlib.sha256(entrypoint.read_bytes()).hexdigest()[:12]}"
    if not _exists(name):
        with _new_root("postgresql-15") as folder:
            root = Path(folder)
            shutil.copy(entrypoint, root / "usr/local/bin/docker-entrypoint.sh")
            own = ["install", "--directory", "--owner", "postgres", "--group", "postgres", "--mode"]
            shutil.rmtree(root / "var/lib/postgresql")
            subprocess.run(["chroot", root, *own, "1777", "/var/lib/postgresql"], check=True)
            subprocess.run(["chroot", root, *own, "3777", "/var/run/postgresql"], check=True)
            changes = [
                f"ENV PATH={_POSTGRES_BIN}:/usr/local/bin:/usr/bin:/bin",
                "ENV PGDATA=/var/lib/postgresql/18/docker",  # where the official image has it
                'ENTRYPOINT ["docker-entrypoint.sh"]',
                'CMD ["postgres"]',
            ]
            _import(root, name, changes)
    return name


def _exists(image: str) -> bool:
    return bool(subprocess.run(["docker", "images", "-q", image], check=True, capture_output=True).stdout)


def _new_root(packages: str) -> tempfile.TemporaryDirectory[str]:
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        sys.exit("stand-ins for base images need debootstrap, and root")
    folder = tempfile.TemporaryDirectory(prefix="hpo-stand-in-")
    print(f"debootstrap: {packages}", flush=True)
    log = Path(folder.name).with_suffix(".log")
    with log.open("w") as output:
        command = ["debootstrap", "--variant=minbase", f"--include={packages}", _RELEASE, folder.name]
        if subprocess.run(command, stdout=output, stderr=output, check=False).returncode:
            sys.exit(f"debootstrap failed: see {log}")
    log.unlink()
    Path(folder.name).chmod(0o755)
    return folder


def _import(root: Path, name: str, changes: Sequence[str]) -> None:
    options = [option for change in changes for option in ("--change", change)]
    tar = ["tar", "--one-file-system", "--exclude=./var/cache/apt/archives/*.deb", "-C", root, "-c", "."]
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as archive:
        subprocess.run(["docker", "import", *options, "-", name], stdin=archive.stdout, check=True)
    if archive.returncode:
        sys.exit(f"tar failed on {root}")
