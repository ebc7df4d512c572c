"""`scripts/offline_bundle` as typed, for a small project instead of hpo with its 8 GB, and `install` in its bundle."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "offline_bundle"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package called hpo, of 2.5 MB that no compression makes smaller."""
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")  # so pip spells it: built with the setuptools that is here
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    package = tmp_path / "project" / "hpo"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "weights.bin").write_bytes(os.urandom(2_500_000))
    (package.parent / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "hpo"\nversion = "1"\n'
        '[tool.setuptools]\npackages = ["hpo"]\npackage-data = { hpo = ["*.bin"] }\n'
    )
    (package.parent / "constraints.txt").write_text("")
    (package.parent / "scripts").mkdir()
    shutil.copy(SCRIPT, package.parent / "scripts")
    return package.parent


def packed(project: Path, *arguments: str) -> Path:
    folder = project.parent / "bundle"
    command = [sys.executable, project / "scripts" / SCRIPT.name, folder, "--extras", "", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def installed(bundle: Path, venv: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([bundle / "install", venv, sys.executable], capture_output=True, text=True, check=False)


@pytest.mark.takes(20)
def test_a_bundle_in_parts_installs_without_an_index_and_a_damaged_one_does_not(project: Path, tmp_path: Path) -> None:
    bundle = packed(project, "--part-mb", "1")
    parts = sorted(path.name for path in bundle.glob("wheels.tar.*"))
    assert parts == ["wheels.tar.000", "wheels.tar.001", "wheels.tar.002"]
    assert all((bundle / part).stat().st_size <= 10**6 for part in parts)

    done = installed(bundle, tmp_path / "venv")
    assert done.returncode == 0, done.stderr
    shown = subprocess.run(
        [tmp_path / "venv" / "bin" / "python", "-c", "import hpo; print(hpo.__file__)"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert shown.stdout.startswith(str(tmp_path / "venv"))

    damaged = bytearray((bundle / parts[1]).read_bytes())
    damaged[1000] ^= 1
    (bundle / parts[1]).write_bytes(damaged)
    done = installed(bundle, tmp_path / "another")
    assert done.returncode == 1
    assert "a part is missing or damaged: copy it again" in done.stderr
    assert not (tmp_path / "another").exists()

    again = subprocess.run(
        [sys.executable, project / "scripts" / SCRIPT.name, bundle], capture_output=True, text=True, check=False
    )
    assert again.returncode == 1
    assert "is not empty: name a new folder" in again.stderr


def test_a_bundle_for_another_python_says_so_to_this_one(project: Path, tmp_path: Path) -> None:
    bundle = packed(project, "--python", "3.13", "--platform", "manylinux_2_35_x86_64")
    done = installed(bundle, tmp_path / "venv")
    assert done.returncode == 1
    assert done.stderr.startswith("this bundle is for Python 3.13, and ")
    assert not (tmp_path / "venv").exists()
