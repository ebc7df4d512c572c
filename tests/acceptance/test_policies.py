"""Policies that a study keeps: which, where, and what people do with them."""

import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import optuna
import pytest
import sqlalchemy
from optuna.artifacts import FileSystemArtifactStore, download_artifact, get_all_artifact_meta
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState
from playwright.sync_api import Browser

from hpo.database.artifact_table import DatabaseArtifactStore
from hpo.database.resilient_storage import ResilientStorage
from objectives.policies.description import pack, unpack
from tests.acceptance.conftest import QUICK, Start
from tests.acceptance.test_dashboard import answers
from tests.acceptance.waiting import wait_until
from tests.conftest import Hpo
from tests.films import frames_of
from tests.postgresql_server import free_port

SMALL = (*QUICK, "--budget", "2s", "--set", "n_eval_episodes=8")
SEARCH = "with policies"
N_KEPT = 2


def trials_of(storage: BaseStorage, study: str) -> list[FrozenTrial]:
    return optuna.load_study(study_name=study, storage=storage).trials


def names_of(storage: BaseStorage, trial: FrozenTrial) -> list[str]:
    return [meta.filename for meta in get_all_artifact_meta(trial, storage=storage)]


def rows(storage: ResilientStorage) -> int:
    with storage.tables.engine.connect() as connection:
        return int(connection.execute(sqlalchemy.text("SELECT count(*) FROM hpo_artifacts")).scalar_one())


@pytest.fixture(scope="module")
def searched(hpo: Hpo) -> str:
    """A search of four trials that keeps two policies, and a replay of its two best over two seeds."""
    worker = ("worker", "--study", SEARCH, *SMALL, "--n-trials", "4", "--set", f"keep_policies={N_KEPT}")
    for arguments in (worker, ("replay", "--study", SEARCH, "--top", "2", "--seeds", "2", "--video")):
        done = hpo(*arguments)
        assert (done.returncode, done.stderr) == (0, ""), done
    return SEARCH


@pytest.mark.takes(60)
def test_the_policies_of_the_best_trials_are_kept_and_others_removed(searched: str, storage: ResilientStorage) -> None:
    trials = trials_of(storage, searched)
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 4
    best = sorted(trials, key=lambda trial: -(trial.value or 0))[:N_KEPT]
    for trial in trials:
        assert names_of(storage, trial) == ([f"{SEARCH}-trial-{trial.number}-policy.npz"] if trial in best else [])
    for trial in best:
        assert trial.user_attrs["policy_bytes"] > 1000
        assert trial.user_attrs["policy_s"] > 0


def test_each_run_of_a_replay_keeps_its_policy_where_optuna_finds_it(
    searched: str, storage: ResilientStorage, tmp_path: Path
) -> None:
    runs = trials_of(storage, f"{searched}-replay")
    assert len(runs) == 4
    for run in runs:
        (meta,) = get_all_artifact_meta(run, storage=storage)
        path = tmp_path / f"{run.number}.npz"
        download_artifact(
            artifact_store=DatabaseArtifactStore(storage), artifact_id=meta.artifact_id, file_path=str(path)
        )
        with np.load(path) as arrays:
            assert {"description", "observation_mean"} <= set(arrays)


def test_a_policy_plays_what_its_trial_was_evaluated_on(searched: str, hpo: Hpo, storage: ResilientStorage) -> None:
    best = max(trials_of(storage, searched), key=lambda trial: trial.value or 0)
    asked = ("play", "--study", searched, "--trial", str(best.number), "--episodes", "8", "--json")
    played = json.loads(hpo(*asked).stdout)
    assert played["evaluation"]["mean_return"] == pytest.approx(best.value, rel=1e-6)
    assert [episode["length"] for episode in played["episodes"]] == [50] * 8
    assert played["evaluation"]["endings"] == {"time limit": 8} == best.user_attrs["endings"]
    (use,) = played["actions"]
    assert (use["name"], use["low"], use["high"]) == ("dimension 0", -2, 2)
    assert -2 <= use["percentile_1"] <= use["mean"] <= use["percentile_99"] <= 2


def test_the_winner_is_the_middle_run_of_the_replays_best_candidate(
    searched: str, hpo: Hpo, storage: ResilientStorage, tmp_path: Path
) -> None:
    film, picture = tmp_path / "film.mp4", tmp_path / "actions.png"
    done = hpo(
        "play", "--study", searched, "--episodes", "2", "--video", str(film), "--video-seconds", "2",
        "--actions", str(picture),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    ranking = json.loads(hpo("report", "--study", searched, "--json").stdout)
    winner = ranking["ranking"][0]["candidate"]
    lower = min(run["value"] for run in ranking["runs"] if run["candidate"] == winner)
    assert f"{winner}, the replay's winner: seed" in done.stdout
    assert f"the middle one of its 2 runs (value {lower:.2f})" in " ".join(done.stdout.split())
    frames = frames_of(film, 500, 500)
    assert len(frames) == 60
    moved = np.abs(np.diff(frames, axis=0)).max(axis=(1, 2, 3))
    assert np.median(moved) > 100  # the pendulum is red on white
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_another_machine_plays_and_exports_what_this_one_trained(
    searched: str, hpo: Hpo, storage: ResilientStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = storage.tables.engine.url.render_as_string(hide_password=False)
    here = hpo("play", "--study", searched, "--episodes", "2", "--json").stdout
    monkeypatch.setenv("HPO_HOME", str(tmp_path / "another home"))
    monkeypatch.setenv("HPO_STORAGE", url)
    there = hpo("play", "--study", searched, "--episodes", "2", "--json")
    assert there.returncode == 0, there.stderr
    assert there.stdout == here
    policy = tmp_path / "policy.onnx"
    done = hpo("export", "--study", searched, "--policy", str(policy))
    assert (done.returncode, done.stderr) == (0, "")
    session = onnxruntime.InferenceSession(policy)
    (actions,) = session.run(None, {"observation": np.array([[1, 0, 0], [0, 1, 8]], np.float32)})
    assert actions.shape == (2, 1)
    assert np.abs(actions).max() <= 2
    assert session.get_modelmeta().custom_metadata_map["policy"].startswith(f"{searched}: ")


def test_the_dashboard_lists_policies_and_plays_the_film(
    searched: str, start: Start, storage: BaseStorage, browser: Browser
) -> None:
    port = free_port()
    start("dashboard", "--port", str(port))
    wait_until(lambda: answers(port))
    study = optuna.load_study(study_name=searched, storage=storage)
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{port}/dashboard/studies/{study._study_id}")
    page.wait_for_function("[...document.querySelectorAll('video')].some(film => film.readyState >= 2)")
    assert page.evaluate("document.querySelector('video').duration") == pytest.approx(10, abs=0.1)
    best = study.best_trial
    page.goto(f"http://127.0.0.1:{port}/dashboard/studies/{study._study_id}/trials?numbers={best.number}")
    page.get_by_text(f"{SEARCH}-trial-{best.number}-policy.npz").first.wait_for()


@pytest.mark.takes(20)
def test_a_copy_has_policies_of_its_own_and_nothing_stays_of_what_is_deleted(
    searched: str, hpo: Hpo, storage: ResilientStorage
) -> None:
    before = rows(storage)
    assert hpo("copy", searched, "copied", "--with-trials").returncode == 0
    n_copied = rows(storage) - before
    assert n_copied == N_KEPT + 4
    done = hpo("delete", "--study", "copied", "--yes")
    assert done.returncode == 0, done.stderr
    assert rows(storage) == before
    assert hpo("play", "--study", searched, "--episodes", "1").returncode == 0


@pytest.mark.takes(20)
def test_a_folder_that_machines_share_keeps_them_too(
    hpo: Hpo, storage: ResilientStorage, study_name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    done = hpo("worker", "--study", study_name, *SMALL, "--n-trials", "1", "--artifacts", str(folder))
    assert done.returncode == 0, done.stderr
    (trial,) = trials_of(storage, study_name)
    (meta,) = get_all_artifact_meta(trial, storage=storage)
    with FileSystemArtifactStore(folder).open_reader(meta.artifact_id) as content:
        assert content.read(2) == b"PK"
    assert hpo("play", "--study", study_name, "--episodes", "1").returncode == 0

    folder.rename(tmp_path / "away")
    gone = hpo("play", "--study", study_name, "--episodes", "1")
    assert (gone.returncode, len(gone.stderr.splitlines())) == (1, 1)
    assert f"there is no folder {folder}" in gone.stderr
    # The trial is worth as much without its policy.
    more = hpo("worker", "--study", study_name, "--n-trials", "2")
    assert more.returncode == 0, more.stderr
    assert f"trial 1: its policy could not be kept: there is no folder {folder}" in " ".join(more.stdout.split())
    assert [trial.state for trial in trials_of(storage, study_name)] == [TrialState.COMPLETE] * 2


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system without room; making one needs root."""
    folder = tmp_path / "full"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_costs_the_policy_and_not_the_trial(
    hpo: Hpo, storage: ResilientStorage, study_name: str, full_disk: Path
) -> None:
    done = hpo("worker", "--study", study_name, *SMALL, "--n-trials", "1", "--artifacts", str(full_disk))
    assert done.returncode == 0, done.stderr
    assert "trial 0: its policy could not be kept: [Errno 28] No space left" in " ".join(done.stdout.split())
    (trial,) = trials_of(storage, study_name)
    assert trial.state is TrialState.COMPLETE
    assert names_of(storage, trial) == []
    gone = hpo("play", "--study", study_name)
    assert f"no policy of trial 0 of study {study_name} is kept" in gone.stderr


def test_train_keeps_a_policy_in_its_folder(searched: str, hpo: Hpo, tmp_path: Path) -> None:
    config, out = tmp_path / "best.yaml", tmp_path / "out"
    config.write_text(hpo("export", "--study", searched).stdout)
    assert hpo("train", "--config", str(config), "--out", str(out)).returncode == 0
    result = json.loads((out / "result.json").read_text())
    played = hpo("play", str(out), "--episodes", "8")
    assert f"mean return {result['evaluation']['mean_return']:.2f} " in played.stdout
    done = hpo("export", "--policy", str(tmp_path / "policy.pt"), str(out))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("play", "--trial", "99"), "has no finished trial 99"),
        (("play", "--candidate", "99"), "has no candidate 99; it has trial"),
        (("play", "--trial", "0", "--candidate", "1"), "give one of them"),
        (("play", "--video", "film.gif"), "--video film.gif: give a name that ends in .mp4"),
        (("play", "--actions", "nowhere/a.png"), "--actions nowhere/a.png: there is no folder"),
        (("play", "--command", "1,0"), "--command 1,0: write three numbers"),
        (("play", "--command", "1,0,0"), "--command is for Isaac Lab's velocity tasks"),
        (("play", "/"), "/ is one policy: --study, --trial and --candidate choose among those of a study"),
        (("export", "--policy", "policy.tflite"), "give a name that ends in .onnx or .pt"),
        (("export", "--candidate", "1"), "are for --policy FILE"),
    ],
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], message: str, searched: str, hpo: Hpo) -> None:
    done = hpo(*arguments, "--study", searched)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert message in done.stderr


def test_a_window_needs_a_display_and_isaac_lab(searched: str, hpo: Hpo, monkeypatch: pytest.MonkeyPatch) -> None:
    for display, message in ((None, "--viewer needs a display"), (":77", "--viewer is for Isaac Lab's tasks")):
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.delenv("DISPLAY", raising=False)
        if display is not None:
            monkeypatch.setenv("DISPLAY", display)
        done = hpo("play", "--study", searched, "--viewer")
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        assert message in done.stderr


@pytest.mark.parametrize("place", ["gs://bucket", "s3://", "s3://bucket/folder", "relative/folder"])
def test_a_place_for_artifacts_that_is_none_is_refused(place: str, hpo: Hpo) -> None:
    done = hpo("worker", "--study", "no place", *SMALL, "--artifacts", place)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "artifacts: " in done.stderr


def test_a_policy_of_another_task_is_refused(searched: str, hpo: Hpo, tmp_path: Path) -> None:
    policy = tmp_path / "policy.npz"
    config = tmp_path / "best.yaml"
    config.write_text(hpo("export", "--study", searched).stdout)
    assert hpo("train", "--config", str(config), "--out", str(tmp_path / "out")).returncode == 0
    description, arrays = unpack((tmp_path / "out" / "policy.npz").read_bytes(), "it")
    moved = description.run.environment.model_copy(update={"task": "MountainCarContinuous-v0"})
    policy.write_bytes(
        pack(description.model_copy(update={"run": description.run.model_copy(update={"environment": moved})}), arrays)
    )
    done = hpo("play", str(policy))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert (
        "the policy is of another task than MountainCarContinuous-v0 is here: its observations have the shape 3, and "
        "here 2" in done.stderr
    )
    (tmp_path / "no policy").write_text("text")
    assert "is no policy that hpo saved" in hpo("play", str(tmp_path / "no policy")).stderr


def test_what_is_written_twice_or_removed_twice_is_there_once_or_not(storage: ResilientStorage) -> None:
    store = DatabaseArtifactStore(storage)
    store.write("one", io.BytesIO(b"content"))
    store.write("one", io.BytesIO(b"another"))
    assert store.open_reader("one").read() == b"another"
    store.remove("one")
    store.remove("one")
    with pytest.raises(ArtifactNotFound):
        store.open_reader("one")


@pytest.mark.takes(20)
def test_a_report_draws_studies_beside_each_other_and_a_study_writes_for_tensorboard(
    searched: str, hpo: Hpo, storage: ResilientStorage, tmp_path: Path
) -> None:
    events = tmp_path / "events"
    ppo = ("--set", "search_space=ppo", "--n-trials", "1", "--tensorboard", str(events))
    done = hpo("worker", "--study", "by PPO", *SMALL, *ppo)
    assert done.returncode == 0, done.stderr
    assert [path.parent.name for path in events.glob("by PPO/*/events.*")] == ["trial-0"]
    out = tmp_path / "report"
    done = hpo("report", "--study", "by PPO", "--with", searched, "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    for picture in ("studies-compared.png", "training-signals.png"):
        assert (out / picture).read_bytes().startswith(b"\x89PNG")
    recorded = trials_of(storage, searched)[0].user_attrs
    assert {len(values) for values in recorded["training_signals"].values()} == {len(recorded["learning_curve"])}
    nobody = hpo("report", "--study", "by PPO", "--with", "nobody", "--out", str(tmp_path / "another"))
    assert (nobody.returncode, len(nobody.stderr.splitlines())) == (1, 1)
    assert "no study 'nobody'" in nobody.stderr
