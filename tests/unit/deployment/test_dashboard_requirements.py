import re
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
TRAINS = {"gymnasium", "sbx-rl", "stable-baselines3", "imageio-ffmpeg", "pillow", "scikit-learn"}
"""What only the runner imports, with JAX and torch behind it, and what chooses the candidates of a replay."""


def test_the_dashboards_image_has_all_dependencies_but_those_that_train() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    dependencies = {name(requirement) for requirement in project["dependencies"]}
    lines = (REPOSITORY / "docker" / "dashboard-requirements.txt").read_text().splitlines()
    assert {name(line) for line in lines if not line.startswith("#")} == dependencies - TRAINS
    assert dependencies >= TRAINS


def name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None, requirement
    return found.group()
