"""Settings of SAC beside each other over the same seeds, through the command line."""

import json
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage

from tests.conftest import Hpo

SMALL = ("--max-steps", "1000", "--set", "n_eval_episodes=8", "--set", "max_episode_steps=50")


@pytest.mark.takes(40)
def test_a_built_in_comparison_is_run_drawn_extended_and_not_replayed(
    hpo: Hpo, storage: BaseStorage, study_name: str, tmp_path: Path
) -> None:
    begun = hpo("worker", "--study", study_name, "--config", "layer-norm", *SMALL, "--n-trials", "4")
    assert begun.returncode == 0, begun.stderr
    assert "settings over seeds on Pendulum-v1" in begun.stdout
    assert f"hpo report --study {study_name} draws the comparison" in begun.stdout

    replayed = hpo("replay", "--study", study_name)
    assert (replayed.returncode, len(replayed.stderr.splitlines())) == (1, 1)
    assert f"hpo extend --study {study_name}" in replayed.stderr

    assert hpo("extend", "--study", study_name, "--n-trials", "6").returncode == 0
    status = hpo("status", "--study", study_name)
    assert "4 of 6 trials" in status.stdout
    assert "layer_norm True" in status.stdout
    assert hpo("worker", "--study", study_name).returncode == 0

    trials = optuna.load_study(study_name=study_name, storage=storage).trials
    assert [trial.user_attrs["layer_norm"] for trial in trials] == [False, True] * 3
    seeds = [trial.user_attrs["seed"] for trial in trials]
    assert seeds[0::2] == seeds[1::2]
    assert len(set(seeds)) == 3
    assert {trial.user_attrs["budget_compilations"] for trial in trials} == {0}

    out = tmp_path / "report"
    assert hpo("report", "--study", study_name, "--out", str(out)).returncode == 0
    told = json.loads(hpo("report", "--study", study_name, "--json").stdout)
    assert sorted(row["candidate"] for row in told["ranking"]) == ["layer_norm False", "layer_norm True"]
    assert [row["n"] for row in told["ranking"]] == [3, 3]
    assert "## Comparison" in (out / "report.md").read_text()
    assert {"comparison.png", "learning-curves.png", "report.html"} <= {path.name for path in out.iterdir()}
    winner = told["ranking"][0]["candidate"].removeprefix("layer_norm ").lower()
    assert f"layer_norm: {winner}" in hpo("export", "--study", study_name).stdout
    assert hpo("play", "--study", study_name, "--episodes", "1").returncode == 0
