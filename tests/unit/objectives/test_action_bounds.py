import numpy as np
import pytest
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvStepReturn

from objectives.action_bounds import BoundedActions, resolve_bounds
from objectives.errors import ConfigurationError, DivergedError
from objectives.run_spec import ActionBounds


class Recorder(VecEnv):
    """Two environments that keep the actions they are sent."""

    def __init__(self, action_space: spaces.Space) -> None:
        super().__init__(2, spaces.Box(-1, 1, (3,)), action_space)
        self.reward = 0.0

    def step_async(self, actions: NDArray[np.float32]) -> None:
        self.received = actions

    def step_wait(self) -> VecEnvStepReturn:
        return np.zeros((2, 3), np.float32), np.full(2, self.reward), np.zeros(2, bool), [{}, {}]

    def reset(self) -> NDArray[np.float32]:
        return np.zeros((2, 3), np.float32)

    def close(self) -> None: ...
    def get_attr(self, attr_name: str, indices: object = None) -> list[object]:
        return [None, None]

    def set_attr(self, attr_name: str, value: object, indices: object = None) -> None: ...
    def env_method(self, method_name: str, *args: object, indices: object = None, **kwargs: object) -> list[object]:
        return []

    def env_is_wrapped(self, wrapper_class: type, indices: object = None) -> list[bool]:
        return [False, False]


UNBOUNDED = spaces.Box(-np.inf, np.inf, (2,), np.float32)
WIDE = spaces.Box(-100, 100, (2,), np.float32)
NARROW = spaces.Box(np.array([-2, 0], np.float32), np.array([2, 4], np.float32))


def test_the_agent_sees_unit_actions_and_the_environment_real_units() -> None:
    venv = Recorder(UNBOUNDED)
    bounded = BoundedActions(venv, ActionBounds(low=[-2.0, 0.5], high=[1.0, 2.5]), "T")
    assert bounded.action_space == spaces.Box(-1, 1, (2,), np.float32)
    bounded.step(np.array([[-1, -1], [1, 0]], np.float32))
    assert venv.received == pytest.approx(np.array([[-2.0, 0.5], [1.0, 1.5]]))
    assert venv.received.dtype == np.float32


def test_a_finite_space_needs_no_bounds() -> None:
    low, high = resolve_bounds(NARROW, None, "T")
    assert low.tolist() == [-2, 0]
    assert high.tolist() == [2, 4]


def test_a_scalar_pair_serves_all_dimensions() -> None:
    low, high = resolve_bounds(UNBOUNDED, ActionBounds(low=-3, high=3), "T")
    assert (low.tolist(), high.tolist()) == ([-3, -3], [3, 3])


def test_a_fraction_keeps_the_middle_of_the_space() -> None:
    low, high = resolve_bounds(NARROW, ActionBounds(fraction=0.5), "T")
    assert (low.tolist(), high.tolist()) == ([-1, 1], [1, 3])


@pytest.mark.parametrize(
    ("space", "bounds", "message"),
    [
        (UNBOUNDED, None, "unbounded.*never learns.*action_bounds"),
        (WIDE, None, "very wide.*never learns.*fraction: 1"),
        (UNBOUNDED, ActionBounds(fraction=0.1), "unbounded"),
        (UNBOUNDED, ActionBounds(low=[0, 0, 0], high=[1, 1, 1]), "2 action dimensions, but action_bounds gives 3"),
        (spaces.Discrete(3), None, "Discrete"),
    ],
)
def test_bounds_that_cannot_work_say_why_and_what_to_do(
    space: spaces.Space, bounds: ActionBounds | None, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        BoundedActions(Recorder(space), bounds, "T")


def test_a_wide_space_can_be_accepted_as_it_is() -> None:
    low, high = resolve_bounds(WIDE, ActionBounds(fraction=1), "T")
    assert (low.tolist(), high.tolist()) == ([-100, -100], [100, 100])


def test_numbers_that_are_not_finite_reach_neither_simulator_nor_agent() -> None:
    venv = Recorder(NARROW)
    bounded = BoundedActions(venv, None, "T")
    with pytest.raises(DivergedError, match="actions"):
        bounded.step(np.array([[np.nan, 0], [0, 0]], np.float32))
    assert not hasattr(venv, "received")
    venv.reward = np.inf
    with pytest.raises(DivergedError, match="simulator"):
        bounded.step(np.zeros((2, 2), np.float32))
