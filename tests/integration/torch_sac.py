"""The updates of our SAC once more, in plain PyTorch."""

from typing import Any

import jax
import numpy as np
import torch
from sbx.common.utils import KLAdaptiveLR
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

from objectives.agents.gaussian_policy import gaussian_of
from tests.integration.test_sac_agent import RecordedSAC


def tensors(tree: Any) -> Any:
    return jax.tree.map(lambda leaf: torch.tensor(np.asarray(leaf), requires_grad=True), tree)


class TorchSAC:
    """The updates of `RecordedSAC` in plain PyTorch: its weights at the start, and the noise that it draws."""

    def __init__(self, agent: RecordedSAC) -> None:
        self.agent = agent
        policy = agent.policy
        self.actor_of, self.key = policy.actor_state, agent.key
        self.actor = tensors(policy.actor_state.params["params"])
        self.critics = tensors(policy.qf_state.params["params"])
        self.targets = tensors(policy.qf_state.target_params["params"])
        self.log_ent_coef = torch.tensor(float(agent.ent_coef_state.params["log_ent_coef"]), requires_grad=True)
        rate = agent.learning_rate
        self.optimizers = [
            torch.optim.Adam(jax.tree.leaves(parameters), lr=rate)
            for parameters in (self.actor, self.critics, self.log_ent_coef)
        ]
        self.adaptive = None if agent.target_kl is None else KLAdaptiveLR(agent.target_kl, rate)
        self.kl: float | None = None

    def gaussian(self, observations: torch.Tensor) -> Normal:
        hidden = observations
        for layer in ("Dense_0", "Dense_1"):
            hidden = functional.elu(hidden @ self.actor[layer]["kernel"] + self.actor[layer]["bias"])
        mean = hidden @ self.actor["Dense_2"]["kernel"] + self.actor["Dense_2"]["bias"]
        if "log_std" in self.actor:
            log_std = self.actor["log_std"].expand_as(mean)
        else:
            log_std = hidden @ self.actor["Dense_3"]["kernel"] + self.actor["Dense_3"]["bias"]
        return Normal(mean, log_std.clamp(-20, 2).exp())

    def drawn(self, observations: torch.Tensor, key: jax.Array) -> tuple[torch.Tensor, torch.Tensor, Normal]:
        """Actions as shares of their range, and their log probabilities."""
        parameters = {"params": jax.tree.map(lambda leaf: leaf.detach().numpy(), self.actor)}
        distribution = self.actor_of.apply_fn(parameters, observations.numpy())
        base = distribution.distribution if self.agent.policy.squash_output else distribution
        sampled = gaussian_of(distribution)
        noise = (np.asarray(base.sample(seed=key)) - np.asarray(sampled.mean())) / np.asarray(sampled.stddev())
        gaussian = self.gaussian(observations)
        raw = gaussian.mean + gaussian.stddev * torch.tensor(noise)
        log_probability = gaussian.log_prob(raw).sum(-1)
        if self.agent.policy.squash_output:
            # log(1 - tanh(x)^2), without a difference that could come to 0
            log_probability = log_probability - 2 * (np.log(2) - raw - functional.softplus(-2 * raw)).sum(-1)
            raw = torch.tanh(raw)
        return raw, log_probability, gaussian

    def q_values(self, critics: Any, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        layers = critics["VmapContinuousCritic_0"]
        hidden = torch.cat([observations, actions], -1).expand(2, -1, -1)
        for i in range(3):
            dense, norm = layers[f"Dense_{i}"], layers.get(f"LayerNorm_{i}")
            hidden = hidden @ dense["kernel"] + dense["bias"][:, None]
            if norm is not None:
                hidden = functional.layer_norm(hidden, hidden.shape[-1:], eps=1e-6)
                hidden = functional.elu(hidden * norm["scale"][:, None] + norm["bias"][:, None])
        return hidden[..., 0]

    def step(self, optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
        for one in self.optimizers:
            one.zero_grad()
        loss.backward()
        optimizer.step()

    def update(self, rows: tuple[np.ndarray, ...], action_range: float) -> None:
        agent = self.agent
        observations, actions, following, dones, rewards = (torch.tensor(part) for part in rows)
        of_actor, of_critics, of_ent_coef = self.optimizers
        self.key, noise_key, *_ = jax.random.split(self.key, 4)
        with torch.no_grad():
            next_actions, log_probability, _ = self.drawn(following, noise_key)
            values = self.q_values(self.targets, following, action_range * next_actions).min(0).values
            values = values - self.log_ent_coef.exp() * log_probability
            target = rewards[:, 0] + (1 - dones[:, 0]) * agent.gamma * values
        errors = self.q_values(self.critics, observations, actions) - target
        self.step(of_critics, 0.5 * (errors**2).mean(1).sum())
        for old, new in zip(jax.tree.leaves(self.targets), jax.tree.leaves(self.critics), strict=True):
            old.data.lerp_(new.data, agent.tau)

        self.key, _, noise_key = jax.random.split(self.key, 3)
        shares, log_probability, gaussian = self.drawn(observations, noise_key)
        entropy_bonus = self.log_ent_coef.exp().detach() * log_probability
        values = self.q_values(self.critics, observations, action_range * shares).min(0).values
        beyond = (gaussian.mean.abs() - 1.1).clamp(min=0)
        loss = (entropy_bonus - values).mean() + agent.bounds_loss_coef * (beyond**2).sum(-1).mean()
        loss = loss + agent.policy_mean_reg_weight * (gaussian.mean**2).mean()
        loss = loss + agent.policy_std_reg_weight * (gaussian.stddev.log() ** 2).mean()
        self.step(of_actor, loss)
        entropy_error = (-log_probability.mean() - float(agent.target_entropy)).detach()
        self.step(of_ent_coef, self.log_ent_coef * entropy_error)
        if self.adaptive is not None:
            kl = kl_divergence(gaussian, self.gaussian(observations)).sum(-1).mean()
            self.kl = kl.item()
            self.adaptive.update(self.kl)
            of_actor.param_groups[0]["lr"] = self.adaptive.current_adaptive_lr
