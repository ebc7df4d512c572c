"""What to try: search spaces, sampled values -> hyperparameters, Optuna sampler and pruner construction."""

from samplers.baselines import BASELINES, baseline, baseline_algorithm
from samplers.cmaes_sampler import StatelessCmaEsSampler
from samplers.defaults import DEFAULTS
from samplers.dimension import Dimension, merge, nested
from samplers.function_space import FunctionSpace
from samplers.pruner import PRUNER_NAMES, create_pruner
from samplers.sampler import GRID, SAMPLER_NAMES, UNPICKLING_SAMPLERS, check_sampler, create_sampler
from samplers.search_space import SearchSpace, replay_ratio, values_of
from samplers.spaces import SPACES, named_space, optional_dimension
from samplers.trial_marks import DIVERGED_ATTR, REFUSED_ATTR, RETRY_OF_ATTR, has_floor_value, replaced_trials
from samplers.unit_cube import UnitCube

Space = SearchSpace | FunctionSpace

__all__ = [
    "BASELINES",
    "DEFAULTS",
    "DIVERGED_ATTR",
    "GRID",
    "PRUNER_NAMES",
    "REFUSED_ATTR",
    "RETRY_OF_ATTR",
    "SAMPLER_NAMES",
    "SPACES",
    "UNPICKLING_SAMPLERS",
    "Dimension",
    "FunctionSpace",
    "SearchSpace",
    "Space",
    "StatelessCmaEsSampler",
    "UnitCube",
    "baseline",
    "baseline_algorithm",
    "check_sampler",
    "create_pruner",
    "create_sampler",
    "has_floor_value",
    "merge",
    "named_space",
    "nested",
    "optional_dimension",
    "replaced_trials",
    "replay_ratio",
    "values_of",
]
