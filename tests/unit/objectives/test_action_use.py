"""What is drawn of a policy's actions."""

import numpy as np
import pytest

from objectives.policies.action_use import _drawn_range, action_uses


def drawn(actions: list[float], bound: float) -> tuple[float, float]:
    ends = np.full(1, -bound, np.float32), np.full(1, bound, np.float32)
    (use,) = action_uses(np.array(actions, np.float32)[:, None], *ends, ends, ["hip"])
    return _drawn_range(use)


def test_bounds_that_no_action_comes_near_do_not_squeeze_the_picture() -> None:
    left, right = drawn(np.linspace(-1, 3, 101).tolist(), 100.0)
    assert -4 < left < -1
    assert 3 < right < 6


@pytest.mark.parametrize("actions", [np.linspace(-1, 1, 101).tolist(), [-2.0] * 99 + [2.0]])
def test_bounds_that_hold_actions_up_or_lie_near_are_drawn(actions: list[float]) -> None:
    assert drawn(actions, 2.0) == (-2.0, 2.0)
