"""A replay as its user sees it: shared by machines, interrupted, repeated, written up, trained again."""

import csv
import io
import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import gymnasium as gym
import optuna
import pytest
import yaml
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState
from optuna_dashboard import get_note

from hpo.database.resilient_storage import ResilientStorage
from objectives.run_result import RunResult
from tests.acceptance.conftest import QUICK, Start
from tests.acceptance.silence import nothing_was_heard_for_two_minutes
from tests.acceptance.waiting import wait_for_line
from tests.conftest import Hpo

pytestmark = pytest.mark.takes(120)

SHORT = (*QUICK, "--max-steps", "1200", "--budget", "60s")
"""Steps end a run, so that it is the same every time."""


def search(name: str, hpo: Hpo) -> str:
    """A search with three finished trials."""
    done = hpo("worker", "--study", name, *SHORT, "--n-trials", "3")
    assert done.returncode == 0, done.stderr
    assert f"hpo replay --study {name}" in " ".join(done.stdout.split())
    return name


@pytest.fixture(scope="module")
def searched(hpo: Hpo) -> str:
    return search("searched", hpo)


@pytest.fixture(scope="module")
def disturbed(hpo: Hpo) -> str:
    """The search whose replays are killed, raced and moved to other tasks."""
    return search("disturbed", hpo)


@pytest.fixture(scope="module")
def replayed(searched: str, hpo: Hpo) -> str:
    """The replay of `searched`: two candidates, four seeds, two more to confirm."""
    done = hpo("replay", "--study", searched, "--top", "2", "--seeds", "4", "--confirm", "2", timeout_s=900)
    assert done.returncode == 0, done.stderr
    assert "10 runs, 0 finished, 10 to go" in done.stdout
    assert "2 untouched seeds" in done.stdout
    assert "…" not in done.stdout
    return searched


def replay_trials(storage: BaseStorage, study: str) -> list[FrozenTrial]:
    return optuna.load_study(study_name=f"{study}-replay", storage=storage).trials


def finished_runs(storage: BaseStorage, study: str) -> Counter[tuple[str, int]]:
    complete = [t for t in replay_trials(storage, study) if t.state is TrialState.COMPLETE]
    return Counter((t.user_attrs["run"]["candidate"], t.user_attrs["run"]["seed"]) for t in complete)


def test_candidates_are_paired_on_fresh_seeds(replayed: str, storage: BaseStorage) -> None:
    ranked = [t for t in replay_trials(storage, replayed) if t.user_attrs["run"]["purpose"] == "replay"]
    seeds: dict[str, set[int]] = {}
    for trial in ranked:
        seeds.setdefault(trial.user_attrs["run"]["candidate"], set()).add(trial.user_attrs["seed"])
    search = optuna.load_study(study_name=replayed, storage=storage).trials
    first, second = seeds.values()
    assert first == second
    assert len(first) == 4
    assert not first & {trial.user_attrs["seed"] for trial in search}


def test_the_winner_is_confirmed_on_seeds_that_did_not_choose_it(replayed: str, storage: BaseStorage) -> None:
    trials = replay_trials(storage, replayed)
    confirmed = [t.user_attrs["run"] for t in trials if t.user_attrs["run"]["purpose"] == "confirm"]
    ranked = {t.user_attrs["seed"] for t in trials if t.user_attrs["run"]["purpose"] == "replay"}
    assert len({run["seed"] for run in confirmed} - ranked) == 2
    assert len({run["candidate"] for run in confirmed}) == 1


def test_the_same_command_again_runs_nothing(replayed: str, storage: BaseStorage, hpo: Hpo) -> None:
    before = len(replay_trials(storage, replayed))
    done = hpo("replay", "--study", replayed, "--top", "2", "--seeds", "4", "--confirm", "2")
    assert done.returncode == 0, done.stderr
    assert "confirmed: " in done.stdout
    assert len(replay_trials(storage, replayed)) == before


def test_a_replay_is_no_study_to_pick_the_best_of(replayed: str, hpo: Hpo) -> None:
    for command in ("best", "export", "report", "replay"):
        done = hpo(command, "--study", f"{replayed}-replay")
        assert done.returncode == 1
        assert f"name the search, --study {replayed}" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_status_counts_the_runs_of_a_replay(replayed: str, hpo: Hpo) -> None:
    [row] = json.loads(hpo("status", "--study", f"{replayed}-replay", "--json").stdout)
    assert (row["replay_of"], row["complete"], row["n_trials"]) == (replayed, 10, 10)


def test_the_report_holds_ranking_and_pictures(replayed: str, hpo: Hpo, tmp_path: Path, storage: BaseStorage) -> None:
    done = hpo("report", "--study", replayed, "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "report.md").read_text()
    pictures = [line.split("(")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")]
    assert {name.removesuffix(".png") for name in pictures} == {
        "optimization-history", "parallel-coordinates", "replay-ranking", "learning-curves", "search-against-replay",
        "training-signals", "actions",
    }  # fmt: skip
    for picture in pictures:
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "ranking.csv").read_text())))
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert {row["n"] for row in rows} == {"4"}
    note = get_note(optuna.load_study(study_name=replayed, storage=storage))
    assert "| 1 | trial " in note  # the ranking, in the dashboard
    # It is written again, but not over somebody's file.
    assert hpo("report", "--study", replayed, "--out", str(tmp_path)).returncode == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "report.md").write_text("mine")
    refused = hpo("report", "--study", replayed, "--out", str(elsewhere))
    assert refused.returncode == 1
    assert "holds files that hpo did not write (report.md)" in refused.stderr
    assert [path.name for path in elsewhere.iterdir()] == ["report.md"]


def test_the_report_as_json_and_csv_agrees_with_the_runs(replayed: str, hpo: Hpo, storage: BaseStorage) -> None:
    done = hpo("report", "--study", replayed, "--json")
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    values = {t.user_attrs["run_key"]: t.value for t in replay_trials(storage, replayed)}
    assert sorted(run["value"] for run in content["runs"]) == sorted(values.values())
    [leader, other] = content["ranking"]
    assert leader["iqm"] >= other["iqm"]
    scores = {t.number: t.value for t in optuna.load_study(study_name=replayed, storage=storage).trials}
    for row in content["ranking"]:
        assert row["search_score"] == scores[int(row["candidate"].removeprefix("trial "))]
        assert row["shrinkage"] == pytest.approx(row["mean"] - row["search_score"])
    assert content["confirmed"][0]["n"] == 2
    rows = list(csv.DictReader(io.StringIO(hpo("report", "--study", replayed, "--csv").stdout)))
    assert [row["candidate"] for row in rows] == [leader["candidate"], other["candidate"]]


def test_training_the_export_reproduces_a_replay_run_to_the_digit(
    replayed: str, hpo: Hpo, storage: BaseStorage, tmp_path: Path
) -> None:
    exported = tmp_path / "best.yaml"
    exported.write_text(hpo("export", "--study", replayed).stdout)
    provenance = yaml.safe_load(exported.read_text())["provenance"]
    seed = provenance["replay_seeds"][1]
    done = hpo("train", "--config", str(exported), "--seed", str(seed), "--out", str(tmp_path / "run"))
    assert done.returncode == 0, done.stderr
    result = RunResult.model_validate_json((tmp_path / "run" / "result.json").read_text())
    [trial] = [
        t.user_attrs for t in replay_trials(storage, replayed)
        if (t.user_attrs["run"]["candidate"], t.user_attrs["seed"]) == (provenance["candidate"], seed)
    ]  # fmt: skip
    assert result.evaluation is not None
    assert result.evaluation.mean_return == trial["mean_return"]
    assert result.num_timesteps == trial["num_timesteps"]
    assert result.total_gradient_steps == trial["total_gradient_steps"]


def test_the_zoo_layout_makes_an_agent(replayed: str, hpo: Hpo) -> None:
    from sbx import SAC

    [(task, entry)] = yaml.safe_load(hpo("export", "--study", replayed, "--format", "zoo").stdout).items()
    assert task == "Pendulum-v1"
    assert entry.pop("n_timesteps") == 1200
    assert entry.pop("n_envs") == 8
    assert eval(entry.pop("normalize"))["norm_obs"] is True  # noqa: S307  (as the Zoo does)
    entry["policy_kwargs"] = eval(entry["policy_kwargs"])  # noqa: S307
    trains(SAC(env=gym.make(task), **{**entry, "learning_starts": 10, "train_freq": 1, "gradient_steps": 1}))


@pytest.mark.filterwarnings("ignore:constant_fn:UserWarning")  # Isaac Lab's reader calls it
def test_the_isaac_lab_layout_passes_isaac_labs_own_reader(replayed: str, hpo: Hpo) -> None:
    import flax.linen
    import optax
    import torch
    from isaaclab_rl.sb3 import process_sb3_cfg
    from sbx import SAC

    cfg = process_sb3_cfg(yaml.safe_load(hpo("export", "--study", replayed, "--format", "sb3-cfg").stdout), 8)
    assert cfg["policy_kwargs"]["activation_fn"] is torch.nn.ELU
    for key in ("seed", "n_timesteps", "normalize_input", "normalize_value", "clip_obs"):
        del cfg[key]
    # What the file's first line says to change for sbx.
    cfg["policy_kwargs"].update(activation_fn=flax.linen.elu, optimizer_class=optax.adamw)
    trains(SAC(env=gym.make("Pendulum-v1"), **{**cfg, "learning_starts": 10, "train_freq": 1, "gradient_steps": 1}))


def trains(agent: Any) -> None:
    agent.learn(20)
    assert agent._n_updates > 0


def test_a_killed_process_leaves_its_run_to_the_other_and_none_is_done_twice(
    disturbed: str, start: Start, storage: ResilientStorage
) -> None:
    seeds = ("--seed-list", "201,202,203")
    killed = start("replay", "--study", disturbed, "--top", "2", *seeds)
    wait_for_line(killed, "seed 201: training")
    other = start("replay", "--study", disturbed, "--top", "3", *seeds)
    wait_for_line(other, ": training")
    killed.kill()
    killed.ended()
    nothing_was_heard_for_two_minutes(storage, f"{disturbed}-replay")
    assert other.ended() == 0, other.output
    done = {run: times for run, times in finished_runs(storage, disturbed).items() if run[1] in (201, 202, 203)}
    assert len(done) == 9
    assert set(done.values()) == {1}
    states = {trial.state for trial in replay_trials(storage, disturbed)}
    assert states <= {TrialState.COMPLETE, TrialState.FAIL}


def test_a_worker_helps_with_a_replay(disturbed: str, start: Start, storage: BaseStorage, hpo: Hpo) -> None:
    interrupted = start("replay", "--study", disturbed, "--top", "2", "--seed-list", "301,302")
    wait_for_line(interrupted, "seed 301: training")
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.ended() == 128 + signal.SIGINT
    done = hpo("worker", "--study", f"{disturbed}-replay")
    assert done.returncode == 0, done.stderr
    runs = {run: times for run, times in finished_runs(storage, disturbed).items() if run[1] in (301, 302)}
    assert len(runs) == 4
    assert set(runs.values()) == {1}


def test_a_race_keeps_to_its_budget_and_drops_the_worse_half(disturbed: str, storage: BaseStorage, hpo: Hpo) -> None:
    arguments = ("--racing", "--max-runs", "8", "--seed-list", "401,402,403")
    done = hpo("replay", "--study", disturbed, "--top", "3", *arguments)
    assert done.returncode == 0, done.stderr
    assert "3 candidates to 2 seeds, then 2 candidates to 3 seeds" in done.stdout
    seeds = Counter(run[0] for run in finished_runs(storage, disturbed) if run[1] in (401, 402, 403))
    assert sorted(seeds.values()) == [2, 3, 3]


def test_baselines_other_settings_and_stochastic_policies_are_ranked_apart(disturbed: str, hpo: Hpo) -> None:
    arguments = (
        "--top",
        "0",
        "--include",
        "baseline:tuned-a1",
        "--include",
        "1",
        "--seed-list",
        "501,",
        "--stochastic",
    )
    done = hpo("replay", "--study", disturbed, *arguments, "--task", "MountainCarContinuous-v0")
    assert done.returncode == 0, done.stderr
    content = json.loads(hpo("report", "--study", disturbed, "--json").stdout)
    apart = [row for row in content["ranking"] if row["setting"] == "MountainCarContinuous-v0, stochastic policy"]
    assert {row["candidate"] for row in apart} == {"trial 1", "baseline:tuned-a1"}
    assert {row["shrinkage"] for row in apart} == {None}
    assert not any(row["comparable"] for row in apart)
