"""The built-in search spaces, by name."""

from typing import Any

from samplers.dimension import Dimension
from samplers.networks import NETWORKS
from samplers.optional_dimensions import OPTIONAL_DIMENSIONS
from samplers.search_space import SearchSpace


def _float(hyperparameter: str, low: float, high: float, log: bool = False) -> Dimension:
    return Dimension(kind="float", low=low, high=high, log=log, hyperparameter=hyperparameter)


def _int(hyperparameter: str, low: int, high: int) -> Dimension:
    return Dimension(kind="int", low=low, high=high, hyperparameter=hyperparameter)


def _power_of_two(hyperparameter: str, low: int, high: int) -> Dimension:
    return Dimension(kind="int", low=low, high=high, hyperparameter=hyperparameter, transform="power-of-two")


def _network(*networks: dict[str, Any]) -> Dimension:
    return Dimension.of_choices(None, *networks)


SAC = SearchSpace(
    name="sac",
    algorithms=("sac",),
    dimensions={
        "gamma": _float("gamma", 0.975, 0.995),
        "learning_rate": _float("learning_rate", 1e-4, 2e-3, log=True),
        "ent_coef_init": Dimension(
            kind="float", low=1e-3, high=2e-2, log=True, hyperparameter="ent_coef", transform="auto-entropy"
        ),
        "batch_size_pow": _power_of_two("batch_size", 7, 12),
        "net_arch_complexity": _network(*NETWORKS),
        "train_freq_pow": _power_of_two("train_freq", 0, 3),
        "gradient_steps_pow": _power_of_two("gradient_steps", 0, 10),
        "policy_delay_pow": _power_of_two("policy_delay", 0, 5),
        "tau": _float("tau", 1e-3, 5e-2, log=True),
    },
    fixed={
        "buffer_size": 2_000_000,
        "learning_starts": 2000,
        "policy_kwargs": {"activation_fn": "elu", "optimizer_class": "adamw", "layer_norm": True},
    },
)
"""recipes.md section 3; what stays fixed is that of the tuned agent of section 4."""

SAC_ROUGH = SearchSpace(
    name="sac-rough",
    algorithms=("sac",),
    dimensions={
        **SAC.dimensions,
        "train_freq_pow": _power_of_two("train_freq", 0, 4),
        "n_steps": _int("n_steps", 1, 5),
        # gSDE or not and its period in one: the period would be sampled where there is no gSDE. sbx holds the noise
        # itself, so that held for one step it is the noise of SAC without gSDE. A rollout draws new noise at its start
        # whatever the period.
        "noise_hold_pow": Dimension(
            kind="int", low=0, high=4, hyperparameter="sde_sample_freq", transform="held-noise"
        ),
        "learning_rate_linear": Dimension.of_choices("learning_rate_schedule", "constant", "linear"),
    },
    fixed=SAC.fixed,
)
"""recipes.md section 4, what rough terrain needs on top, searched: n-step returns, gSDE and its period, longer
rollouts, and the linear schedule that helped where the other two were off."""

TQC = SearchSpace(
    name="tqc",
    algorithms=("tqc",),
    dimensions={
        **SAC.dimensions,
        "n_quantiles": Dimension(kind="int", low=10, high=50, step=5, hyperparameter="policy_kwargs.n_quantiles"),
        "top_quantiles_to_drop": _int("top_quantiles_to_drop_per_net", 0, 8),
    },
    fixed=SAC.fixed,
)
"""recipes.md section 4: SAC's, and the knobs of the quantile critics. 25 quantiles of which 2 are dropped are sbx's
own; the ranges around them are ours."""

CROSSQ = SearchSpace(
    name="crossq",
    algorithms=("crossq",),
    dimensions={
        **{name: dimension for name, dimension in SAC.dimensions.items() if name != "tau"},
        "batch_norm_momentum": _float("policy_kwargs.batch_norm_momentum", 0.9, 0.999),
        "renorm_warmup_steps": Dimension(
            kind="int", low=100, high=100_000, log=True, hyperparameter="policy_kwargs.renorm_warmup_steps"
        ),
    },
    fixed={**SAC.fixed, "policy_kwargs": {"activation_fn": "elu", "optimizer_class": "adamw"}},
)
"""SAC's without target networks, hence without tau; the critics' batch renormalization in their place. Its warm-up of
100 000 updates is sbx's, more than five minutes have at a low replay ratio, so less is searched, too."""

TD3 = SearchSpace(
    name="td3",
    algorithms=("td3",),
    dimensions={
        **{name: dimension for name, dimension in SAC.dimensions.items() if name != "ent_coef_init"},
        "net_arch_complexity": _network(*NETWORKS[:3]),
        "action_noise_std": _float("action_noise_std", 0.02, 0.6, log=True),
        "target_policy_noise": _float("target_policy_noise", 0.02, 0.5, log=True),
        "target_noise_clip": _float("target_noise_clip", 0.1, 1.0),
    },
    fixed=SAC.fixed,
)
"""SAC's without entropy; exploration and target noise around the paper's 0.1, 0.2 and 0.5. sbx has no residual TD3."""

PPO = SearchSpace(
    name="ppo",
    algorithms=("ppo", "sb3-ppo"),
    dimensions={
        "gamma": _float("gamma", 0.97, 0.998),
        "gae_lambda": _float("gae_lambda", 0.9, 0.99),
        "learning_rate": _float("learning_rate", 1e-4, 3e-3, log=True),
        "n_steps_pow": _power_of_two("n_steps", 3, 6),
        "n_minibatches_pow": _power_of_two("n_minibatches", 1, 5),
        "n_epochs": _int("n_epochs", 2, 10),
        "clip_range": _float("clip_range", 0.1, 0.4),
        "ent_coef": _float("ent_coef", 1e-5, 2e-2, log=True),
        "vf_coef": _float("vf_coef", 0.25, 2.0, log=True),
        "max_grad_norm": _float("max_grad_norm", 0.3, 2.0, log=True),
        "net_arch_complexity": Dimension.of_choices(
            "policy_kwargs.net_arch", [64, 64], [128, 128, 128], [256, 128, 64], [512, 256, 128]
        ),
    },
    fixed={"policy_kwargs": {"activation_fn": "elu", "ortho_init": True}},
)
"""Around Isaac Lab's own configurations (24 steps, 4 minibatches, 5 epochs, entropy coefficient 0.005). Both
implementations start with the mean action near 0 (`ortho_init`): without it they differ mostly in that (recipes.md
section 4)."""

SPACES = {space.name: space for space in (SAC, SAC_ROUGH, TQC, CROSSQ, TD3, PPO)}


def named_space(name: str) -> SearchSpace:
    """The built-in space called `name`.

    Raises:
        ValueError: There is none.
    """
    if name not in SPACES:
        raise ValueError(
            f"no search space {name!r}; built in are {', '.join(SPACES)}; one of your own: MODULE:FUNCTION"
        )
    return SPACES[name]


def optional_dimension(name: str, algorithms: tuple[str, ...]) -> Dimension:
    """The dimension that can be added by `name` to a space for one of `algorithms`.

    Raises:
        ValueError: There is none, or not for those algorithms.
    """
    if name not in OPTIONAL_DIMENSIONS:
        raise ValueError(f"no optional dimension {name!r}; there are {', '.join(OPTIONAL_DIMENSIONS)}")
    optional = OPTIONAL_DIMENSIONS[name]
    if algorithms and not set(algorithms) & set(optional.algorithms):
        raise ValueError(f"{', '.join(algorithms)} has no {name}: that is for {', '.join(optional.algorithms)}")
    return optional.dimension
