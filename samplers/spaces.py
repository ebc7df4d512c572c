"""The built-in search spaces, by name."""

from samplers.search_space import Dimension, SearchSpace

SAC = SearchSpace(
    name="sac",
    dimensions={
        "gamma": Dimension(kind="float", low=0.975, high=0.995, hyperparameter="gamma"),
        "learning_rate": Dimension(kind="float", low=1e-4, high=2e-3, log=True, hyperparameter="learning_rate"),
        "ent_coef_init": Dimension(
            kind="float", low=1e-3, high=2e-2, log=True, hyperparameter="ent_coef", transform="auto-entropy"
        ),
        "batch_size_pow": Dimension(kind="int", low=7, high=12, hyperparameter="batch_size", transform="power-of-two"),
        "net_arch_complexity": Dimension(
            kind="int", low=0, high=3, hyperparameter="policy_kwargs.net_arch", transform="network"
        ),
        "train_freq_pow": Dimension(kind="int", low=0, high=3, hyperparameter="train_freq", transform="power-of-two"),
        "gradient_steps_pow": Dimension(
            kind="int", low=0, high=10, hyperparameter="gradient_steps", transform="power-of-two"
        ),
        "policy_delay_pow": Dimension(
            kind="int", low=0, high=5, hyperparameter="policy_delay", transform="power-of-two"
        ),
        "tau": Dimension(kind="float", low=1e-3, high=5e-2, log=True, hyperparameter="tau"),
    },
    fixed={
        "buffer_size": 2_000_000,
        "learning_starts": 2000,
        "policy_kwargs": {"activation_fn": "elu", "optimizer_class": "adamw", "layer_norm": True},
    },
)
"""recipes.md section 3; what stays fixed is that of the tuned agent of section 4."""

SPACES = {space.name: space for space in (SAC,)}


def named_space(name: str) -> SearchSpace:
    """The built-in space called `name`.

    Raises:
        ValueError: There is none.
    """
    if name not in SPACES:
        raise ValueError(f"no search space {name!r}; built in are {', '.join(SPACES)}")
    return SPACES[name]
