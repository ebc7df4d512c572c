"""A kept policy as a module of PyTorch: observation in the task's units in, action in the task's units out."""

import re
from collections.abc import Callable
from itertools import count

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from objectives.agents.factory import AGENT_KINDS
from objectives.errors import ConfigurationError
from objectives.policies.acting import limits_of
from objectives.policies.actor_arrays import ACTION_RANGE
from objectives.policies.description import Arrays
from objectives.policies.policy_file import Policy

_LAYER_NORM_EPSILON = 1e-6  # flax's
_BATCH_RENORM_EPSILON = 1e-3  # sbx's
_NORMALIZATION_EPSILON = 1e-8  # VecNormalize's

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
    "gelu": lambda: nn.GELU(approximate="tanh"),  # flax's is the approximate one
}


class PolicyModule(nn.Module):
    """The deterministic policy with normalization and bounds inside.

    Args:
        policy: A kept policy, of vector observations.

    Raises:
        ConfigurationError: Its network is none that is known here.
    """

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        said = policy.description
        if len(said.observation_shape) != 1:
            raise ConfigurationError(
                f"the policy observes arrays of shape {said.observation_shape}: policies of vectors can be exported"
            )
        mean, variance = policy.observation_mean, policy.observation_variance
        size = said.observation_shape[0]
        self.mean = _constant(np.zeros(size) if mean is None else mean)
        self.scale = _constant(np.ones(size) if variance is None else 1 / np.sqrt(variance + _NORMALIZATION_EPSILON))
        self.clip = said.run.clip_observations if mean is not None else float("inf")
        self.low, self.high = _constant(np.array(said.action_low)), _constant(np.array(said.action_high))
        self.lowest, self.highest = (_constant(end.astype(np.float64)) for end in limits_of(said))
        self.in_units = AGENT_KINDS[said.run.algorithm].on_policy
        self.squashed = not self.in_units and not said.is_unbounded
        self.reach = float(policy.actor.get(ACTION_RANGE, 1.0))
        self.network = _network(policy)
        self.requires_grad_(False)

    def forward(self, observation: Tensor) -> Tensor:
        """Shape `(batch, observation)` to `(batch, action)`."""
        seen = ((observation - self.mean) * self.scale).clamp(-self.clip, self.clip)
        chosen = self.network(seen)
        if self.in_units:
            return torch.minimum(torch.maximum(chosen, self.low), self.high)
        if self.squashed:
            chosen = self.reach * torch.tanh(chosen)
        scaled = self.low + (chosen + 1.0) * (0.5 * (self.high - self.low))
        return torch.minimum(torch.maximum(scaled, self.lowest), self.highest)


class _Residual(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, given: Tensor) -> Tensor:
        sum_: Tensor = given + self.inner(given)
        return sum_


class _Affine(nn.Module):
    """sbx's BatchRenorm once training is over."""

    def __init__(self, factor: NDArray[np.float64], offset: NDArray[np.float64]) -> None:
        super().__init__()
        self.factor, self.offset = _constant(factor), _constant(offset)

    def forward(self, given: Tensor) -> Tensor:
        return given * self.factor + self.offset


def _network(policy: Policy) -> nn.Module:
    run = policy.description.run
    named = (run.hyperparameters.get("policy_kwargs") or {}).get("activation_fn")
    if run.algorithm == "sb3-ppo":
        exact: Callable[[], nn.Module] = nn.GELU if named == "gelu" else _ACTIVATIONS[named or "tanh"]
        return _stable_baselines3(policy.actor, exact)
    activation = _ACTIVATIONS[named or ("tanh" if run.algorithm == "ppo" else "relu")]
    layers = _Layers(policy.actor)
    if layers.has("SimbaResidualBlock_0"):
        return layers.simba(activation)
    # Gaussian actors have a last layer for the mean and, unless it is a parameter, one for the standard deviation.
    two = run.algorithm in ("sac", "tqc", "crossq") and not layers.has_parameter("log_std")
    return layers.mlp(activation, heads=2 if two else 1)


class _Layers:
    """The layers of one of sbx's actors, by flax's names."""

    def __init__(self, actor: Arrays) -> None:
        self._arrays = {re.sub(r"^(params/)+", "", name): array for name, array in actor.items()}

    def has(self, layer: str) -> bool:
        return any(name.startswith(f"{layer}/") for name in self._arrays)

    def has_parameter(self, name: str) -> bool:
        return name in self._arrays

    def mlp(self, activation: Callable[[], nn.Module], heads: int) -> nn.Module:
        n_hidden = next(i for i in count() if not self.has(f"Dense_{i}")) - heads
        parts = self._norm("BatchRenorm_0")
        for i in range(n_hidden):
            parts += [self._dense(f"Dense_{i}"), activation(), *self._norm(f"BatchRenorm_{i + 1}")]
        return nn.Sequential(*parts, self._dense(f"Dense_{n_hidden}"))

    def simba(self, activation: Callable[[], nn.Module]) -> nn.Module:
        parts = [*self._norm("BatchRenorm_0"), self._dense("Dense_0")]
        for i in count():
            block = f"SimbaResidualBlock_{i}"
            if not self.has(block):
                break
            norm = self._norm(f"{block}/LayerNorm_0") + self._norm(f"{block}/BatchRenorm_0")
            dense = self._dense(f"{block}/Dense_0"), activation(), self._dense(f"{block}/Dense_1")
            parts.append(_Residual(nn.Sequential(*norm, *dense)))
        last = self._norm("LayerNorm_0") or self._norm("BatchRenorm_1")
        return nn.Sequential(*parts, *last, self._dense("Dense_1"))

    def _dense(self, name: str) -> nn.Linear:
        return _linear(self._arrays[f"{name}/kernel"].T, self._arrays[f"{name}/bias"])

    def _norm(self, name: str) -> list[nn.Module]:
        """The layer, if there is one."""
        if not self.has(name):
            return []
        scale, bias = self._arrays[f"{name}/scale"], self._arrays[f"{name}/bias"]
        if "LayerNorm" in name:
            layer = nn.LayerNorm(scale.shape[0], eps=_LAYER_NORM_EPSILON)
            layer.load_state_dict({"weight": torch.as_tensor(scale), "bias": torch.as_tensor(bias)})
            return [layer]
        mean, variance = (self._arrays[f"batch_stats/{name}/{what}"].astype(np.float64) for what in ("mean", "var"))
        factor = scale / np.sqrt(variance + _BATCH_RENORM_EPSILON)
        return [_Affine(factor, bias - mean * factor)]


def _stable_baselines3(actor: Arrays, activation: Callable[[], nn.Module]) -> nn.Module:
    parts: list[nn.Module] = []
    for i in count(step=2):
        name = f"mlp_extractor.policy_net.{i}"
        if f"{name}.weight" not in actor:
            break
        parts += [_linear(actor[f"{name}.weight"], actor[f"{name}.bias"]), activation()]
    return nn.Sequential(*parts, _linear(actor["action_net.weight"], actor["action_net.bias"]))


def _linear(weight: NDArray[np.float32], bias: NDArray[np.float32]) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": torch.as_tensor(weight.copy()), "bias": torch.as_tensor(bias)})
    return layer


def _constant(numbers: NDArray[np.float64]) -> nn.Parameter:
    return nn.Parameter(torch.as_tensor(np.asarray(numbers, np.float32)), requires_grad=False)
