from pathlib import Path

import pytest

from hpo.commands.options import parse_action_bounds, parse_settings
from hpo.errors import UserError
from hpo.studies.bounds_file import read_bounds, write_bounds
from hpo.studies.study import this_definition
from hpo.studies.study_config import load_study_config
from objectives.run_spec import ActionBounds

STUDY = "task: Pendulum-v1\nbackend: gymnasium\nsearch_space: sac\naction_bounds: {bounds}\n"


def write(path: Path, low: list[float], high: list[float]) -> None:
    write_bounds(path, ["two dimensions"], ActionBounds(low=low, high=high), {"task": "T"})


def test_a_study_names_a_file_beside_it_and_keeps_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    write(tmp_path / "mine" / "b.yaml", [-1.5, 0.25], [1, 2])
    (tmp_path / "mine" / "study.yaml").write_text(STUDY.format(bounds="b.yaml"))
    monkeypatch.chdir(tmp_path)
    config = load_study_config(Path("mine/study.yaml"), {})
    assert config.action_bounds == ActionBounds(low=[-1.5, 0.25], high=[1, 2])
    assert "b.yaml" not in this_definition(config, "CPU").model_dump_json()


def test_the_command_line_names_a_file_from_where_it_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "b.yaml", [-1], [1])
    monkeypatch.chdir(tmp_path)
    expected = {"low": [-1.0], "high": [1.0]}
    assert parse_action_bounds("b.yaml") == expected
    assert parse_settings(["action_bounds=b.yaml"]) == {"action_bounds": expected}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read .*b.yaml: No such file"),
        ("low: [1]", "no action bounds.*give either `joints`, or `low` and `high`"),
        ("joints: {hip: [1, 0]}", "no action bounds.*hip: low 1 is not below high 0"),
        ("joints: {hip: [0]}", "no action bounds.*joints"),
        ("joints: {hip: [0, 1]}\nlow: 0\nhigh: 1", "no action bounds.*give either"),
        ("low: [1]\nhigh: [0]", "no action bounds.*low 1 is not below high 0"),
        ("low: [1, 2]\nhigh: [3, 4, 5]", "2 values and `high` has 3"),
        ("low: [a]\nhigh: [1]", "no action bounds.*low"),
        ("low: [0]\nhigh: [.inf]", "no action bounds.*high"),
        ("low: [0]\nhigh: [1]\ntask: T", "no action bounds.*task: Extra inputs"),
        ("[1, 2]", "must hold a mapping"),
    ],
)
def test_a_bad_bounds_file_is_named_with_what_is_wrong_in_one_line(
    tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "b.yaml").write_text(content)
    (tmp_path / "study.yaml").write_text(STUDY.format(bounds="b.yaml"))
    with pytest.raises(UserError, match=message) as caught:
        load_study_config(tmp_path / "study.yaml", {})
    assert "\n" not in str(caught.value)
    assert "b.yaml" in str(caught.value)


def test_bounds_by_name_are_written_and_read_again_in_their_order(tmp_path: Path) -> None:
    joints = {"RL_hip_joint": (-2.6, 0.7), "FL_hip_joint": (-2, 1.1)}
    write_bounds(tmp_path / "b.yaml", ["two joints"], ActionBounds(joints=joints), {"task": "T"})
    assert "joints:\n  RL_hip_joint: [-2.6, 0.7]\n  FL_hip_joint: [-2.0, 1.1]\n" in (tmp_path / "b.yaml").read_text()
    read = read_bounds(tmp_path / "b.yaml")
    assert read == {"joints": {"RL_hip_joint": [-2.6, 0.7], "FL_hip_joint": [-2.0, 1.1]}}
    (tmp_path / "study.yaml").write_text(STUDY.format(bounds="b.yaml"))
    assert load_study_config(tmp_path / "study.yaml", {}).action_bounds == ActionBounds(joints=joints)


def test_what_is_written_is_read_again_and_nothing_else_is_left(tmp_path: Path) -> None:
    write(tmp_path / "b.yaml", [-0.25, 1e-5], [0.5, 2e-5])
    assert read_bounds(tmp_path / "b.yaml") == {"low": [-0.25, 1e-5], "high": [0.5, 2e-5]}
    assert [path.name for path in tmp_path.iterdir()] == ["b.yaml"]
