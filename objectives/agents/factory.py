"""Plain hyperparameters -> an agent."""

import difflib
import inspect
import math
from dataclasses import dataclass
from typing import Any

import flax.linen as nn
import jax
import numpy as np
import optax
import stable_baselines3
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from sbx.common.policies import BaseJaxPolicy
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from objectives.agents.chunked_training import ChunkedTraining
from objectives.agents.crossq import CrossQ
from objectives.agents.hyperparameters import constructor_arguments
from objectives.agents.initialization import INITIALIZERS
from objectives.agents.ppo import PPO
from objectives.agents.sac import SAC
from objectives.agents.standard_deviation import LOG_STD_BOUNDS
from objectives.agents.td3 import TD3
from objectives.agents.tqc import TQC
from objectives.errors import ConfigurationError
from objectives.own_hyperparameters import OWN_HYPERPARAMETERS
from objectives.run_result import AT_A_BOUND, TrainingSignals
from objectives.run_spec import Algorithm


@dataclass(frozen=True, slots=True)
class AgentKind:
    """An algorithm, and the names that its hyperparameters may use."""

    agent: type[BaseAlgorithm]
    activations: dict[str, Any]
    optimizers: dict[str, Any]

    @property
    def on_policy(self) -> bool:
        """Whether it learns from each rollout once, and acts in the task's units; else -1 and 1 are bounds."""
        return issubclass(self.agent, OnPolicyAlgorithm)


_DECIDED_HERE = ("replay_buffer_class", "replay_buffer_kwargs", "action_noise", "tensorboard_log", "verbose")
"""Arguments of sbx's constructors that would do nothing: there is one replay buffer, `action_noise_std`, and
`--tensorboard`."""

_FLAX = {"relu": nn.relu, "elu": nn.elu, "tanh": nn.tanh, "silu": nn.silu, "gelu": nn.gelu}
_TORCH = {
    "relu": torch.nn.ReLU, "elu": torch.nn.ELU, "tanh": torch.nn.Tanh, "silu": torch.nn.SiLU, "gelu": torch.nn.GELU,
}  # fmt: skip
_OPTAX = {"adam": optax.adam, "adamw": optax.adamw}
_TORCH_OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}

AGENT_KINDS: dict[Algorithm, AgentKind] = {
    "sac": AgentKind(SAC, _FLAX, _OPTAX),
    "tqc": AgentKind(TQC, _FLAX, _OPTAX),
    "crossq": AgentKind(CrossQ, _FLAX, _OPTAX),
    "td3": AgentKind(TD3, _FLAX, _OPTAX),
    "ppo": AgentKind(PPO, _FLAX, _OPTAX),
    "sb3-ppo": AgentKind(stable_baselines3.PPO, _TORCH, _TORCH_OPTIMIZERS),
}


def make_agent(algorithm: Algorithm, hyperparameters: dict[str, Any], env: VecEnv, seed: int) -> Any:
    """Builds the agent on `env`.

    Args:
        algorithm: Which agent.
        hyperparameters: Arguments of the agent's constructor (`policy` is optional), where
            `policy_kwargs.activation_fn` and `policy_kwargs.optimizer_class` are names, and those of
            `objectives.agents.hyperparameters`.
        env: The environment it will train on.
        seed: Seeds the agent, numpy, and the environments.

    Raises:
        ConfigurationError: A hyperparameter has an unknown name or an impossible value.
    """
    refuse_unknown(algorithm, hyperparameters)
    kind = AGENT_KINDS[algorithm]
    arguments = constructor_arguments(hyperparameters, env)
    policy = arguments.pop("policy", "MlpPolicy")
    if policy == "MultiInputPolicy" and not isinstance(env.observation_space, spaces.Dict):
        policy = "MlpPolicy"  # the parts of a dictionary come as one vector
    arguments["policy_kwargs"] = _resolve_names(arguments.get("policy_kwargs", {}), kind)
    try:
        agent = kind.agent(policy, env, seed=seed, **arguments)
    except (AssertionError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{algorithm} refuses its hyperparameters: {error}") from error
    # The default logger would leave an empty temporary folder behind each run.
    agent.set_logger(Logger(folder=None, output_formats=[]))
    return agent


def wait_until_computed(agent: Any) -> None:
    """Waits for the device, which computes asynchronously, to finish the agent's last update."""
    if isinstance(agent.policy, BaseJaxPolicy):
        jax.block_until_ready(agent.policy.actor_state.params)
    elif agent.device.type == "cuda":
        torch.cuda.synchronize()


def gradient_steps_done(agent: Any) -> int:
    """Optimizer steps since the agent was made."""
    if isinstance(agent, OnPolicyAlgorithm):
        return int(agent._n_updates * math.ceil(agent.n_steps * agent.n_envs / agent.batch_size))  # it counts epochs
    return int(agent._n_updates)


def latest_returns(agent: Any) -> NDArray[np.float32]:
    """Returns of the latest training episodes that ended, an episode of each environment at most."""
    if isinstance(agent, ChunkedTraining):
        return agent.rollout.episodes.latest_returns()
    return np.array([episode["r"] for episode in agent.ep_info_buffer or ()], np.float32)


def training_signals(agent: Any) -> TrainingSignals:
    """What training is like now; waits until that is computed."""
    if not isinstance(agent, ChunkedTraining):
        return _signals_of_ppo(agent)
    # The means are computed on the device; what they are means of stays there.
    losses, signals = jax.device_get((agent.named_losses(), agent.signals()._replace(actions=None)))
    episodes = agent.rollout.episodes
    critics = [value for name, value in losses.items() if name.startswith("qf")]
    return TrainingSignals(
        # Exactly 0: the chunk had no update of the policy, which comes at every `policy_delay`-th step.
        actor_loss=_finite(losses.get("actor_loss")) or None,
        critic_loss=_finite(sum(critics)) if critics else None,
        ent_coef=_finite(losses.get("ent_coef_value")),
        entropy=_finite(signals.entropy),
        mean_q=_finite(signals.mean_q),
        policy_kl=_finite(losses.get("policy_kl")) or None,
        learning_rate=_finite(agent.policy.actor_state.opt_state.hyperparams["learning_rate"]),
        saturation=_finite(signals.saturation),
        episode_length=_mean(episodes.latest_lengths()),
        success_rate=_mean(episodes.latest_success()),
    )


def _signals_of_ppo(agent: Any) -> TrainingSignals:
    """Of the rollout that it is at, and of the update before, which it told its logger."""
    told = agent.logger.name_to_value
    rollout = agent.rollout_buffer
    steps = rollout.buffer_size if rollout.full else rollout.pos
    values, actions = rollout.values[:steps], rollout.actions[:steps]
    space = agent.action_space
    margin = AT_A_BOUND * (space.high - space.low)
    at_a_bound = (actions <= space.low + margin) | (actions >= space.high - margin)
    return TrainingSignals(
        actor_loss=_finite(told.get("train/policy_gradient_loss")),
        critic_loss=_finite(told.get("train/value_loss")),
        entropy=_finite(-told["train/entropy_loss"]) if "train/entropy_loss" in told else None,
        mean_q=_finite(_mean(values)),
        learning_rate=_finite(told.get("train/learning_rate")),
        saturation=_mean(at_a_bound),
        episode_length=_mean([episode["l"] for episode in agent.ep_info_buffer or ()]),
        success_rate=_mean(list(agent.ep_success_buffer or ())),
    )


def _finite(number: Any) -> float | None:
    """`number`, which is no number in a run that is about to end as diverged."""
    return float(number) if number is not None and math.isfinite(number) else None


def _mean(numbers: Any) -> float | None:
    return float(np.mean(numbers)) if len(numbers) else None


def refuse_unknown(algorithm: Algorithm, hyperparameters: dict[str, Any]) -> None:
    """Raises a `ConfigurationError` if `algorithm` has no hyperparameter, policy or named value of that name."""
    kind = AGENT_KINDS[algorithm]
    arguments = dict(hyperparameters)
    policy = arguments.pop("policy", "MlpPolicy")
    if policy not in kind.agent.policy_aliases:
        raise ConfigurationError(f"policy is {policy!r}; {algorithm} knows {', '.join(kind.agent.policy_aliases)}")
    parameters = [name for name in inspect.signature(kind.agent.__init__).parameters if not name.startswith("_")]
    own = {name: argument for name, argument in OWN_HYPERPARAMETERS.items() if argument in parameters}
    for where, known, names in (
        ("", {*parameters, *own} - {"self", "env", "seed", "policy", *_DECIDED_HERE}, arguments),
        (
            "policy_kwargs.",
            set(inspect.signature(kind.agent.policy_aliases[policy].__init__).parameters) - {"self"},
            arguments.get("policy_kwargs", {}),
        ),
    ):
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                raise ConfigurationError(
                    f"{algorithm} has no hyperparameter {where}{name}; "
                    f"{f'did you mean {where}{near[0]}? ' if near else ''}known are {', '.join(sorted(known))}"
                )
    _resolve_names(arguments.get("policy_kwargs", {}), kind)


def _resolve_names(policy_kwargs: dict[str, Any], kind: AgentKind) -> dict[str, Any]:
    objects = {"activation_fn": kind.activations, "optimizer_class": kind.optimizers}
    for key, known in {**objects, "initialization": INITIALIZERS, "log_std_bound": LOG_STD_BOUNDS}.items():
        if key in policy_kwargs and policy_kwargs[key] not in known:
            raise ConfigurationError(f"policy_kwargs.{key} is {policy_kwargs[key]!r}; known are {', '.join(known)}")
    return {name: objects[name][value] if name in objects else value for name, value in policy_kwargs.items()}
