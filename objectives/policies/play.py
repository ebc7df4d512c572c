"""Playing a kept policy: what to play, and what that gave."""

from pydantic import Field

from objectives.plain import Plain
from objectives.run_result import Evaluation
from objectives.run_spec import EnvironmentSpec


class PlaySpec(Plain):
    """Which policy to play, where, and what to keep of it."""

    policy: str
    """Path of its file (`objectives.policies.policy_file`)."""
    environment: EnvironmentSpec
    n_episodes: int = Field(gt=0)
    seed: int = Field(ge=0, lt=2**31)
    """Seeds the environments."""
    deterministic: bool = True
    video: str | None = None
    """Path of an mp4; None: nothing is filmed."""
    video_s: float = Field(default=10.0, gt=0)
    """Seconds of the task's time that the film shows."""
    watched: bool = False
    """Whether it acts in a window first, until somebody closes that."""
    actions_picture: str | None = None
    """Path of a PNG that shows what actions the policy takes; None: it is not drawn."""


class PlayedEpisode(Plain):
    """One of the episodes."""

    episode_return: float
    length: int
    """Steps."""
    ending: str
    terrain: str | None
    level: int | None


TIGHT = 0.05
"""Share of saturated actions from which on the bounds of a dimension hold the policy up."""


class ActionUse(Plain):
    """How a policy uses one action dimension; in the task's units."""

    name: str
    low: float
    """The bounds it was trained with."""
    high: float
    mean: float
    percentile_1: float
    percentile_99: float
    saturated: float
    """Share of the actions that lie at a bound (`objectives.run_result.AT_A_BOUND`) or, of an unbounded policy, at what
    its actions are clipped to."""
    beyond_bounds: float = 0.0
    """Share that lies beyond the bounds, which an unbounded policy may do."""


class Played(Plain):
    """What the episodes gave."""

    evaluation: Evaluation
    episodes: tuple[PlayedEpisode, ...]
    actions: tuple[ActionUse, ...]
    """Per dimension, in the environment's order."""
    steps: int
    """Of all episodes together."""
