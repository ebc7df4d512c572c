import pytest

from objectives.environments.task_names import renamed_task


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Isaac-Velocity-Flat-Unitree-A1-v0", "IsaacContrib-Velocity-Flat-UnitreeA1"),
        ("Isaac-Velocity-Rough-Unitree-A1-v0", "IsaacContrib-Velocity-Rough-UnitreeA1"),
        ("Isaac-Velocity-Flat-Unitree-Go1-v0", "IsaacContrib-Velocity-Flat-UnitreeGo1"),
        ("Isaac-Velocity-Flat-Unitree-Go2-v0", "Isaac-Velocity-Flat-UnitreeGo2"),
        ("Isaac-Velocity-Flat-Anymal-B-v0", "IsaacContrib-Velocity-Flat-AnymalB"),
        ("Isaac-Velocity-Rough-Anymal-C-v0", "IsaacContrib-Velocity-Rough-AnymalC"),
        ("Isaac-Velocity-Rough-Anymal-D-v0", "Isaac-Velocity-Rough-AnymalD"),
        ("Isaac-Cartpole-Direct-v0", "Isaac-Cartpole-Direct"),
    ],
)
def test_a_2x_name_is_known_by_its_3_0_id(old: str, new: str) -> None:
    assert renamed_task(old) == new


@pytest.mark.parametrize("task", ["Isaac-Velocity-Flat-UnitreeGo2", "Pendulum-v1"])
def test_other_names_are_no_2x_names(task: str) -> None:
    assert renamed_task(task) is None
