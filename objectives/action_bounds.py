"""Action bounds: for the agent they are -1 and 1, the environment sees real units."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs, VecEnvStepReturn

from objectives.environments import action_names
from objectives.environments.on_device import Stepped, step_on_device
from objectives.errors import ConfigurationError, refuse_non_finite
from objectives.joint_bounds import bounds_by_dimension
from objectives.run_spec import ActionBounds

WIDEST_PLAUSIBLE = 10.0
"""PPO's untrained Gaussian uses about [-3, 3]; 99.9 % of a trained one's actions lie in [-5, 5] (recipes.md section 1):
a space that reaches beyond twice that was not made for an agent that squashes its actions to the bounds."""

WIDE = 100.0
"""Isaac Lab 1.x and 2.x bounded their unbounded actions so (recipes.md section 1)."""

WHY_BOUNDS_MATTER = (
    "SAC squashes its actions to the bounds of the space, so with wide bounds its first actions are enormous and it "
    "never learns. Give the range a trained PPO uses: `hpo bounds` measures it; or write `action_bounds: {joints: "
    "{NAME: [low, high], ...}}` or, for all dimensions, `{low: -1, high: 1}` (--action-bounds=-1,1)"
)


class _FiniteNumbers(VecEnvWrapper):
    """Keeps non-finite numbers from passing between agent and simulator.

    Raises:
        ConfigurationError: The action space is not continuous.
        DivergedError: From `step`, when actions are not finite.
        SimulatorFaultError: From `step` and `reset`, when observations or rewards are not finite.
    """

    def __init__(self, venv: VecEnv, task: str) -> None:
        space = venv.action_space
        if not isinstance(space, spaces.Box):
            raise ConfigurationError(
                f"{task} has a {type(space).__name__} action space; the agents here need a continuous one (Box)"
            )
        super().__init__(venv)

    def step_async(self, actions: NDArray[np.float32]) -> None:
        """Sends `actions`, shape `(num_envs, action_dim)`, in the environment's units."""
        refuse_non_finite(bool(np.isfinite(actions).all()), True)
        self.venv.step_async(actions)

    def step_wait(self) -> VecEnvStepReturn:
        """The environments' step, checked for non-finite numbers."""
        observations, rewards, dones, infos = self.venv.step_wait()
        refuse_non_finite(True, all_finite(observations, rewards))
        return observations, rewards, dones, infos

    def step_on_device(self, actions: jax.Array) -> Stepped:
        """The environments' step with `actions` in their own units; whoever calls it looks at what is finite."""
        return step_on_device(self.venv, actions)

    def reset(self) -> VecEnvObs:
        """Resets all environments; their first observations are checked for non-finite numbers."""
        observations = self.venv.reset()
        refuse_non_finite(True, all_finite(observations))
        return observations


def all_finite(observations: VecEnvObs, *others: NDArray[np.float32]) -> bool:
    """Whether all numbers are, of each part where observations are a dictionary."""
    parts = observations.values() if isinstance(observations, dict) else (observations,)
    return all(np.isfinite(part).all() for part in (*parts, *others))


class BoundedActions(_FiniteNumbers):
    """For an agent that squashes its actions: shows it [-1, 1], shape `(action_dim,)`, mapped linearly to [low, high].

    Actions beyond, those of an unbounded policy, are mapped alike, and clipped to `limits`.

    Raises:
        ConfigurationError: The action space is not continuous, is unbounded or very wide without `bounds`, or does
            not have the shape or the names of `bounds`.
        DivergedError: From `step`, when actions are not finite.
        SimulatorFaultError: From `step` and `reset`, when observations or rewards are not finite.
    """

    def __init__(self, venv: VecEnv, bounds: ActionBounds | None, task: str) -> None:
        super().__init__(venv, task)
        self.low, self.high = resolve_bounds(venv.action_space, bounds, task, action_names(venv))
        self.action_space = spaces.Box(-1.0, 1.0, venv.action_space.shape, np.float32)
        self.limits = limits(venv.action_space, self.low, self.high)
        self._on_device = tuple(jnp.array(end, jnp.float32) for end in (self.low, self.high, *self.limits))

    def step_async(self, actions: NDArray[np.float32]) -> None:
        """Sends `actions`, shape `(num_envs, action_dim)`, -1 and 1 the bounds, in the environment's units."""
        in_units = scaled(actions, self.low, self.high)
        super().step_async(np.clip(in_units, *self.limits))

    def step_on_device(self, actions: jax.Array) -> Stepped:
        """The environments' step with `actions`, shape `(num_envs, action_dim)`, -1 and 1 the bounds."""
        return super().step_on_device(_scaled_on_device(actions, *self._on_device))


def scaled[Array: (NDArray[np.float32], jax.Array)](actions: Array, low: Array, high: Array) -> Array:
    """Actions of which -1 and 1 are the bounds, where the bounds are `low` and `high`."""
    return low + (actions + 1.0) * (0.5 * (high - low))


def limits(
    space: spaces.Box, low: NDArray[np.float32], high: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What actions are clipped to, in the task's units: its space or, where that is unbounded, [-100, 100].

    Bounds that reach beyond 100 in an unbounded space are their own limits.
    """
    lowest = np.where(np.isfinite(space.low), space.low, np.minimum(low, -WIDE))
    highest = np.where(np.isfinite(space.high), space.high, np.maximum(high, WIDE))
    return lowest.astype(np.float32), highest.astype(np.float32)


@jax.jit
def _scaled_on_device(
    actions: jax.Array, low: jax.Array, high: jax.Array, lowest: jax.Array, highest: jax.Array
) -> jax.Array:
    return jnp.clip(scaled(actions, low, high), lowest, highest)


class ClippedActions(_FiniteNumbers):
    """For an agent with a Gaussian policy: actions in the environment's units, which the agent clips to the space.

    Without `bounds` an unbounded space is shown as [-100, 100], which such an agent never notices.

    Raises:
        ConfigurationError: The action space is not continuous, or does not have the shape or the names of `bounds`.
        DivergedError: From `step`, when actions are not finite.
        SimulatorFaultError: From `step` and `reset`, when observations or rewards are not finite.
    """

    def __init__(self, venv: VecEnv, bounds: ActionBounds | None, task: str) -> None:
        super().__init__(venv, task)
        space = venv.action_space
        if bounds is None:
            low, high = np.maximum(space.low, -WIDE), np.minimum(space.high, WIDE)
        else:
            low, high = resolve_bounds(space, bounds, task, action_names(venv))
        self.action_space = spaces.Box(low.astype(np.float32), high.astype(np.float32), dtype=np.float32)


def resolve_bounds(
    space: spaces.Box, bounds: ActionBounds | None, task: str, names: Sequence[str] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The bounds in the environment's units, each of the action space's shape.

    Args:
        space: The task's own action space.
        bounds: What of it the agent may use.
        task: For errors.
        names: Of the action dimensions, in the environment's order; None where the task gives none.

    Raises:
        ConfigurationError: There are no bounds where they are needed, or they do not fit the space or the names.
    """
    if bounds is None:
        return _whole_space(space, task)
    if bounds.fraction is not None:
        return _central_fraction(space, bounds.fraction, task)
    if bounds.joints is not None:
        return _by_name(bounds.joints, space, task, names)
    if names is not None and (isinstance(bounds.low, list) or isinstance(bounds.high, list)):
        raise ConfigurationError(
            f"{task} has names for its action dimensions ({', '.join(names)}, in this order here; another physics "
            "backend has another), so bounds as a list would reach the wrong joints: write `action_bounds: {joints: "
            f"{{{names[0]}: [low, high], ...}}}}`, where a regular expression may stand for several"
        )
    return _per_dimension(bounds.low, space, task), _per_dimension(bounds.high, space, task)


def _by_name(
    joints: dict[str, tuple[float, float]], space: spaces.Box, task: str, names: Sequence[str] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if names is None:
        raise ConfigurationError(
            f"{task} has no names for its {int(np.prod(space.shape))} action dimensions, and action_bounds gives "
            "`joints`: write `{low: [...], high: [...]}`, one number per dimension in the task's order"
        )
    low, high = np.array(bounds_by_dimension(joints, names, task), np.float32).T
    return low.reshape(space.shape), high.reshape(space.shape)


def _whole_space(space: spaces.Box, task: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if not space.is_bounded("both"):
        raise ConfigurationError(f"{task} has an unbounded action space and no action bounds. {WHY_BOUNDS_MATTER}")
    widest = float(np.abs([space.low, space.high]).max())
    if widest > WIDEST_PLAUSIBLE:
        raise ConfigurationError(
            f"{task} has a very wide action space (up to {widest:g}) and no action bounds. {WHY_BOUNDS_MATTER}, "
            "or accept the space as it is with `action_bounds: {fraction: 1}`"
        )
    return space.low.astype(np.float32), space.high.astype(np.float32)


def _central_fraction(space: spaces.Box, fraction: float, task: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if not space.is_bounded("both"):
        raise ConfigurationError(
            f"{task} has an unbounded action space, of which `fraction` is undefined. {WHY_BOUNDS_MATTER}"
        )
    centre, half = (space.high + space.low) / 2, (space.high - space.low) / 2
    return (centre - fraction * half).astype(np.float32), (centre + fraction * half).astype(np.float32)


def _per_dimension(values: float | list[float] | None, space: spaces.Box, task: str) -> NDArray[np.float32]:
    array = np.asarray(values, dtype=np.float32)
    dimensions = int(np.prod(space.shape))
    if array.size not in (1, dimensions):
        raise ConfigurationError(
            f"{task} has {dimensions} action dimensions, but action_bounds gives {array.size} values"
        )
    return np.broadcast_to(array.reshape(-1), (dimensions,)).reshape(space.shape).copy()
