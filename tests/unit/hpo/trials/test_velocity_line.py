"""What people read of robots that were told to walk."""

from hpo.trials.velocity_line import speed_cell, velocity_line
from objectives.run_result import VelocityTracking


def test_it_tells_who_walks_from_who_stands() -> None:
    assert velocity_line(VelocityTracking.of((0.76, 0.5, 0.3, 0.2))) == (
        "velocity: 0.50 of 0.76 m/s in the commanded direction (66 %); mean error 0.30 m/s, yaw rate 0.20 rad/s"
    )
    assert "velocity: 0.00 of 0.76 m/s in the commanded direction (0 %)" in velocity_line(
        VelocityTracking.of((0.76, -0.001, 0.76, 0.2))
    )


def test_where_nobody_is_told_to_walk_there_is_no_share() -> None:
    for told in (0, 1e-9):
        line = velocity_line(VelocityTracking.of((told, 0.05, 0.1, 0)))
        assert "0.05 of 0.00 m/s in the commanded direction; " in line


def test_a_trial_without_velocities_has_an_empty_cell() -> None:
    assert (speed_cell(0.5, 0.76), speed_cell(None, None)) == ("0.50 of 0.76", "-")
