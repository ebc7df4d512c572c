"""Bounds by name: which dimension gets which, and what is said where they do not fit."""

import numpy as np
import pytest
from gymnasium import spaces

from objectives.action_bounds import resolve_bounds
from objectives.errors import ConfigurationError
from objectives.joint_bounds import bounds_by_dimension
from objectives.run_spec import ActionBounds

NAMES = ("FL_hip_joint", "FL_calf_joint", "FR_hip_joint", "FR_calf_joint")
JOINTS = {"FR_hip_joint": (-2.0, 1.0), "FL_hip_joint": (-1.0, 2.0), ".*_calf_joint": (-0.5, 0.5)}
UNBOUNDED = spaces.Box(-np.inf, np.inf, (4,), np.float32)


def test_the_bounds_follow_the_order_of_the_dimensions() -> None:
    assert bounds_by_dimension(JOINTS, NAMES, "T") == [(-1, 2), (-0.5, 0.5), (-2, 1), (-0.5, 0.5)]
    assert bounds_by_dimension(JOINTS, NAMES[::-1], "T") == [(-0.5, 0.5), (-2, 1), (-0.5, 0.5), (-1, 2)]


def test_they_become_the_bounds_of_the_space() -> None:
    low, high = resolve_bounds(UNBOUNDED, ActionBounds(joints=JOINTS), "T", NAMES)
    assert (low.tolist(), high.tolist()) == ([-1, -0.5, -2, -0.5], [2, 0.5, 1, 0.5])
    assert (low.dtype, high.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize(
    ("joints", "faults"),
    [
        ({"FL_.*": (0, 1)}, "no bounds for FR_hip_joint, FR_calf_joint"),
        ({".*": (0, 1), "RL_hip_joint": (0, 1), "tail": (0, 1)}, "no dimension matches RL_hip_joint, tail"),
        ({".*": (0, 1), "FL_.*": (0, 1)}, "FL_hip_joint is matched by .* and FL_.*; FL_calf_joint is matched by "),
        # A part of a name is no match, as in Isaac Lab's configurations.
        ({"FL": (0, 1), ".*": (0, 1)}, "no dimension matches FL."),
        # A name beside a pattern that matches it as well says two things of one joint.
        ({"FL_hip_joint": (0, 1), ".*": (0, 1)}, "FL_hip_joint is matched by FL_hip_joint and .*"),
    ],
)
def test_what_does_not_fit_is_one_line_that_names_it(joints: dict[str, tuple[float, float]], faults: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        bounds_by_dimension(joints, NAMES, "T")
    assert faults in str(refused.value)
    assert "T has the action dimensions FL_hip_joint, FL_calf_joint, FR_hip_joint, FR_calf_joint" in str(refused.value)
    assert "--action-bounds" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_stands_for_itself_whatever_it_means_as_a_regular_expression() -> None:
    names = ("pose[0]", "pose[1]", "x.y", "xzy")
    joints = {name: (0.0, float(place + 1)) for place, name in enumerate(names)}
    assert [high for _, high in bounds_by_dimension(joints, names, "T")] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "bounds",
    [ActionBounds(low=[-1] * 4, high=[1] * 4), ActionBounds(low=-1, high=[1] * 4), ActionBounds(low=[-1], high=1)],
)
def test_a_list_for_dimensions_with_names_is_refused_and_the_names_are_shown(bounds: ActionBounds) -> None:
    with pytest.raises(ConfigurationError) as refused:
        resolve_bounds(UNBOUNDED, bounds, "T", NAMES)
    assert "FL_hip_joint, FL_calf_joint, FR_hip_joint, FR_calf_joint" in str(refused.value)
    assert "`action_bounds: {joints: {FL_hip_joint: [low, high], ...}}`" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_pair_for_all_and_a_fraction_need_no_names() -> None:
    low, high = resolve_bounds(UNBOUNDED, ActionBounds(low=-3, high=3), "T", NAMES)
    assert (low.tolist(), high.tolist()) == ([-3] * 4, [3] * 4)
    narrow = spaces.Box(-2, 2, (4,), np.float32)
    assert resolve_bounds(narrow, ActionBounds(fraction=0.5), "T", NAMES)[1].tolist() == [1] * 4


def test_joints_for_dimensions_without_names_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"T has no names for its 4 action dimensions.*write `\{low"):
        resolve_bounds(UNBOUNDED, ActionBounds(joints=JOINTS), "T")


def test_bounds_by_name_survive_their_study() -> None:
    bounds = ActionBounds(joints=JOINTS)
    assert ActionBounds.model_validate_json(bounds.model_dump_json()) == bounds
    assert ActionBounds.model_validate({"low": [-1, -2], "high": [1, 2]}).joints is None  # as stored before
