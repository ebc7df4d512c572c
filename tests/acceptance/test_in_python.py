"""Studies in a script or a notebook, with the embedded database running as long as the script does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.conftest import QUICK
from tests.conftest import Hpo

NOTEBOOK = Path(__file__).parents[2] / "examples" / "look_at_a_study.ipynb"
SCRIPT = """
import json, sys
import hpo

study = hpo.open_study(sys.argv[1])
rows = hpo.best(sys.argv[1], top=1)
print(json.dumps({
    "trials": len(study.trials), "value": study.best_value, "best": rows[0]["value"],
    "gamma": rows[0]["hyperparameters"]["gamma"], "ranking": hpo.replay_ranking(sys.argv[1]),
}))
try:
    hpo.open_study("nothing")
except hpo.errors.UserError as error:
    print(error, file=sys.stderr)
"""


@pytest.mark.takes(30)
def test_a_script_and_the_notebook_have_the_study_its_best_and_its_ranking(
    hpo: Hpo, home: Path, study_name: str
) -> None:
    options = ("worker", "--study", study_name, *QUICK, "--budget", "1s", "--n-trials", "2")
    done = hpo(*options)
    assert done.returncode == 0, done.stderr
    assert f"study {study_name}: 2 of 2 trials, best " in done.stdout
    assert " spent" in done.stdout
    environment = {**os.environ, "HPO_HOME": str(home)}
    command = [sys.executable, "-c", SCRIPT, study_name]
    script = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600, check=True)
    said = json.loads(script.stdout)
    assert said["trials"] == 2
    assert said["value"] == said["best"]
    assert 0.9 < said["gamma"] < 1
    assert said["ranking"] == []
    assert "no study 'nothing'" in script.stderr

    code = "\n".join(["import matplotlib", "matplotlib.use('agg')", *cells_of(NOTEBOOK)])
    assert 'STUDY = "demo"' in code
    of_ours = code.replace('STUDY = "demo"', f"STUDY = {study_name!r}")
    notebook = subprocess.run(
        [sys.executable, "-c", of_ours], capture_output=True, text=True, env=environment, timeout=600, check=False
    )
    assert notebook.returncode == 0, notebook.stderr
    assert "2 trials; the best one: " in notebook.stdout
    assert "budget_compilations: 0\n" in notebook.stdout


def cells_of(notebook: Path) -> list[str]:
    """The code of its cells, in their order."""
    cells = json.loads(notebook.read_text())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
