"""Folders for results keep what others put there."""

from pathlib import Path

import pytest

from hpo.errors import UserError
from hpo.files.output_folder import folder_of_one_run, new_folder, write_again


def test_a_folder_with_somebodys_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("mine")
    with pytest.raises(UserError, match=r"did not write \(config.yaml\)"), folder_of_one_run(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]
    assert (tmp_path / "config.yaml").read_text() == "mine"


def test_a_second_run_in_a_folder_is_refused_and_one_after_a_failure_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with folder_of_one_run(folder):
        with pytest.raises(UserError, match="a run is going on"), folder_of_one_run(folder):
            pass
    with folder_of_one_run(folder):
        (folder / "result.json").write_text("{}")
    with pytest.raises(UserError, match="already holds a run"), folder_of_one_run(folder):
        pass


def test_new_folders_are_never_the_same(tmp_path: Path) -> None:
    names = [new_folder(tmp_path / "runs", "a").name for _ in range(3)]
    assert names == ["a", "a-2", "a-3"]


def test_a_folder_on_a_disk_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").symlink_to(tmp_path / "not mounted")
    with pytest.raises(UserError, match="runs cannot be written: File exists; HPO_HOME names another folder"):
        new_folder(tmp_path / "runs", "a")


def test_what_was_written_is_written_again_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for content in (b"1", b"2"):
        write_again(tmp_path, {"report.md": content}, is_own=False)
    (tmp_path / "ranking.csv").write_text("mine")
    with pytest.raises(UserError, match=r"did not write \(ranking.csv\)"):
        write_again(tmp_path, {"report.md": b"3", "ranking.csv": b"3"}, is_own=False)
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.suffix} == {
        "notes.txt": "mine",
        "report.md": "2",
        "ranking.csv": "mine",
    }


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"), folder_of_one_run(tmp_path / "file" / "run"):
        pass
