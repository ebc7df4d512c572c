"""How robots follow the commanded velocity, for people."""

from objectives.run_result import VelocityTracking

SPEED = "speed, m/s"
"""Of a table's column: what the robots reach in the commanded direction, of what is commanded."""

_TELLING = 0.05
"""Commanded speed, m/s, from which on the share that is reached says something."""


def reached_of_commanded(velocity: VelocityTracking | None) -> tuple[float | None, float | None]:
    """Both speeds, m/s; of a trial that has none, nothing."""
    return (None, None) if velocity is None else (velocity.reached_speed, velocity.commanded_speed)


def speed_cell(reached: float | None, commanded: float | None) -> str:
    """Of a table: `0.05 of 0.62`, in m/s."""
    return "-" if reached is None or commanded is None else f"{reached:z.2f} of {commanded:.2f}"


def velocity_line(velocity: VelocityTracking) -> str:
    """Names what the robots reach beside what they are told, so that one sees whether they walk or stand."""
    told, reached = velocity.commanded_speed, velocity.reached_speed
    share = f" ({100 * reached / told:z.0f} %)" if told >= _TELLING else ""
    return (
        f"velocity: {speed_cell(reached, told)} m/s in the commanded direction{share}; "
        f"mean error {velocity.error_vel_xy:.2f} m/s, yaw rate {velocity.error_vel_yaw:.2f} rad/s"
    )
