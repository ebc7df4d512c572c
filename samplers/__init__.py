"""What to try: search spaces, sampled values -> hyperparameters, Optuna sampler and pruner construction."""

from samplers.baselines import BASELINES, baseline
from samplers.cmaes_history import RETRY_OF_ATTR
from samplers.pruner import PRUNER_NAMES, create_pruner
from samplers.sampler import SAMPLER_NAMES, create_sampler
from samplers.search_space import Dimension, SearchSpace, replay_ratio, values_of
from samplers.spaces import SPACES, named_space
from samplers.unit_cube import UnitCube

__all__ = [
    "BASELINES",
    "PRUNER_NAMES",
    "RETRY_OF_ATTR",
    "SAMPLER_NAMES",
    "SPACES",
    "Dimension",
    "SearchSpace",
    "UnitCube",
    "baseline",
    "create_pruner",
    "create_sampler",
    "named_space",
    "replay_ratio",
    "values_of",
]
