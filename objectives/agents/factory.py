"""Plain hyperparameters -> an agent."""

import inspect
from typing import Any

import flax.linen as nn
import optax
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import VecEnv

from objectives.agents.sac import SAC
from objectives.errors import ConfigurationError
from objectives.run_spec import Algorithm

AGENTS = {"sac": SAC}
ACTIVATIONS = {"relu": nn.relu, "elu": nn.elu, "tanh": nn.tanh, "silu": nn.silu, "gelu": nn.gelu}
OPTIMIZERS = {"adam": optax.adam, "adamw": optax.adamw}


def make_agent(algorithm: Algorithm, hyperparameters: dict[str, Any], env: VecEnv, seed: int) -> SAC:
    """Builds the agent on `env`.

    Args:
        algorithm: Which agent.
        hyperparameters: Arguments of the agent's constructor (`policy` is optional), where
            `policy_kwargs.activation_fn` and `policy_kwargs.optimizer_class` are names.
        env: The environment it will train on.
        seed: Seeds the agent, numpy, and the environments.

    Raises:
        ConfigurationError: A hyperparameter has an unknown name or an impossible value.
    """
    arguments = dict(hyperparameters)
    policy = arguments.pop("policy", "MlpPolicy")
    arguments["policy_kwargs"] = _resolve_names(arguments.get("policy_kwargs", {}))
    _refuse_unknown(algorithm, arguments, policy)
    try:
        agent = AGENTS[algorithm](policy, env, seed=seed, **arguments)
    except (AssertionError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{algorithm} refuses its hyperparameters: {error}") from error
    # The default logger would leave an empty temporary folder behind each run.
    agent.set_logger(Logger(folder=None, output_formats=[]))
    return agent


def _resolve_names(policy_kwargs: dict[str, Any]) -> dict[str, Any]:
    resolved = dict(policy_kwargs)
    for key, known in (("activation_fn", ACTIVATIONS), ("optimizer_class", OPTIMIZERS)):
        if key not in resolved:
            continue
        if resolved[key] not in known:
            raise ConfigurationError(f"policy_kwargs.{key} is {resolved[key]!r}; known are {', '.join(known)}")
        resolved[key] = known[resolved[key]]
    return resolved


def _refuse_unknown(algorithm: Algorithm, arguments: dict[str, Any], policy: str) -> None:
    agent = AGENTS[algorithm]
    if policy not in agent.policy_aliases:
        raise ConfigurationError(f"policy is {policy!r}; {algorithm} knows {', '.join(agent.policy_aliases)}")
    for where, signature, given in (
        ("", inspect.signature(agent.__init__), arguments),
        ("policy_kwargs.", inspect.signature(agent.policy_aliases[policy].__init__), arguments["policy_kwargs"]),
    ):
        for name in given:
            if name not in signature.parameters:
                known = ", ".join(p for p in signature.parameters if p not in {"self", "env", "seed", "policy"})
                raise ConfigurationError(f"{algorithm} has no hyperparameter {where}{name}; known are {known}")
