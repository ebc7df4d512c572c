"""The package as others install it, and the directions in which its parts may know each other."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

import pytest

from hpo.cli import app
from tests.conftest import Hpo

ROOT = Path(__file__).parents[2]


def test_the_built_wheel_installs_and_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH")  # nothing but what is installed
    sources = tmp_path / "sources"
    sources.mkdir()  # a copy: the build leaves files behind, in which two runs of the tests would meet
    for name in ("hpo", "objectives", "replay", "samplers"):
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    pip = (sys.executable, "-m", "pip", "--quiet")
    build = (*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, sources)
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("hpo-*.whl")
    venv.create(tmp_path / "fresh")
    python = tmp_path / "fresh" / "bin" / "python"
    subprocess.run((*pip, "--python", python, "install", "--no-deps", wheel), check=True, capture_output=True)
    # Its dependencies are the ones that are installed here already.
    (site_packages,) = (tmp_path / "fresh" / "lib").glob("python3*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def typed(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [tmp_path / "fresh" / "bin" / "hpo", *arguments], capture_output=True, text=True, check=False, cwd=tmp_path,
            env={"HPO_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip

    assert typed("--help").returncode == 0
    assert typed("--version").stdout == f"hpo {metadata.version('hpo')}\n"
    refused = typed("worker", "--study", "nope")
    assert "built-in one of that name; there are a1-rough, " in refused.stderr
    where = subprocess.run(
        [python, "-c", "import hpo, samplers, objectives; print(hpo.__file__)"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert str(tmp_path) in where.stdout
    for package in ("hpo", "samplers", "objectives"):
        assert (site_packages / package / "py.typed").exists()


def test_dependencies_between_the_packages_point_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_every_command_has_help_with_examples(hpo: Hpo) -> None:
    commands = [(command.callback.__name__,) for command in app.registered_commands if command.callback]
    for command in (*commands, ("db", "init")):
        done = hpo(*command, "--help")
        assert done.returncode == 0
        assert " ".join(("hpo", *command)) in done.stdout.partition("Examples")[2]
