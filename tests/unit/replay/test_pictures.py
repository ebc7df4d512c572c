"""What the pictures of a replay leave room for."""

import pytest

from replay.pictures import shown_range


def test_values_that_ran_away_are_beyond_the_ends_of_the_axis() -> None:
    near = [-47.0, -20.0, -3.0, 1.0, 3.0, 4.0]
    ends = shown_range([*near, -4e12])
    assert ends is not None
    low, high = ends
    assert low == pytest.approx(-47 - 0.05 * 51)
    assert high == pytest.approx(4 + 0.05 * 51)


@pytest.mark.parametrize("values", [[], [3.0], [3.0, 3.0, 3.0, 9.0], [-47.0, -20.0, -3.0, 1.0, 3.0, 4.0]], ids=str)
def test_ordinary_values_are_all_shown(values: list[float]) -> None:
    assert shown_range(values) is None
