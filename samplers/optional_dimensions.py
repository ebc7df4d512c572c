"""Dimensions that can be added to a search space by name."""

from dataclasses import dataclass

from samplers.dimension import Dimension

_ALL = ("sac", "tqc", "crossq", "td3", "ppo", "sb3-ppo")
_ENTROPY = ("sac", "tqc", "crossq")


@dataclass(frozen=True, slots=True)
class OptionalDimension:
    """A dimension, and the algorithms that have the hyperparameter."""

    dimension: Dimension
    algorithms: tuple[str, ...]


OPTIONAL_DIMENSIONS: dict[str, OptionalDimension] = {
    # recipes.md section 5: two critics are needed, three sometimes help, more hurt. sbx's TQC always has two.
    "n_critics": OptionalDimension(
        Dimension(kind="int", low=2, high=3, hyperparameter="policy_kwargs.n_critics"), ("sac", "crossq", "td3")
    ),
    "layer_norm": OptionalDimension(
        Dimension.of_choices("policy_kwargs.layer_norm", False, True), ("sac", "tqc", "crossq", "td3")
    ),
    # From the hardest bend to the smoothest.
    "activation": OptionalDimension(Dimension.of_choices("policy_kwargs.activation_fn", "relu", "elu", "silu"), _ALL),
    "optimizer": OptionalDimension(Dimension.of_choices("policy_kwargs.optimizer_class", "adam", "adamw"), _ALL),
    # Section 5: learning it is a good start, not always the best; fixed at what a learned one starts with.
    "ent_coef_learned": OptionalDimension(Dimension.of_choices("ent_coef_learned", False, True), _ENTROPY),
    "target_entropy_scale": OptionalDimension(
        Dimension(kind="float", low=0.25, high=2.0, log=True, hyperparameter="target_entropy_scale"), _ENTROPY
    ),
    # The rest of section 5, and how implementations differ besides.
    "initialization": OptionalDimension(
        Dimension.of_choices("policy_kwargs.initialization", "lecun-normal", "torch", "xavier-uniform", "orthogonal"),
        ("sac",),
    ),
    "log_std_bound": OptionalDimension(
        Dimension.of_choices("policy_kwargs.log_std_bound", "clip", "clip-values", "tanh"), ("sac",)
    ),
    "policy_catches_up": OptionalDimension(Dimension.of_choices("policy_catches_up", False, True), ("sac",)),
    "qf_learning_rate": OptionalDimension(
        Dimension(kind="float", low=1e-4, high=2e-3, log=True, hyperparameter="qf_learning_rate"),
        ("sac", "tqc", "crossq", "td3"),
    ),
    "target_update_interval_pow": OptionalDimension(
        Dimension(kind="int", low=0, high=4, hyperparameter="target_update_interval", transform="power-of-two"),
        ("sac",),
    ),
    # Section 4, tried there without success: docs/experiments.md. A weight of rlkit's regularization is 0.001.
    "policy_mean_reg_weight": OptionalDimension(
        Dimension(kind="float", low=1e-4, high=1e-1, log=True, hyperparameter="policy_mean_reg_weight"), ("sac",)
    ),
    "policy_std_reg_weight": OptionalDimension(
        Dimension(kind="float", low=1e-4, high=1e-1, log=True, hyperparameter="policy_std_reg_weight"), ("sac",)
    ),
    "bounds_loss_coef": OptionalDimension(
        Dimension(kind="float", low=1e-3, high=10.0, log=True, hyperparameter="bounds_loss_coef"), ("sac",)
    ),
    "target_kl": OptionalDimension(
        Dimension(kind="float", low=1e-5, high=1e-2, log=True, hyperparameter="target_kl"), ("sac",)
    ),
    "initial_action_range": OptionalDimension(
        Dimension(kind="float", low=0.05, high=1.0, log=True, hyperparameter="initial_action_range"), ("sac",)
    ),
    # Of the environment, and not the agent's. 256 to 8192, around the 1024 of the source.
    "n_envs_pow": OptionalDimension(
        Dimension(kind="int", low=8, high=13, hyperparameter="n_envs", transform="power-of-two"), _ALL
    ),
    "policy": OptionalDimension(Dimension.of_choices("policy", "MlpPolicy", "SimbaPolicy"), _ENTROPY),
}
