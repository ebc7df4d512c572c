"""The defaults that tables show are those that an agent has."""

import inspect

import pytest

import samplers
from objectives.agents.factory import AGENT_KINDS, make_agent
from objectives.run_spec import Algorithm, EnvironmentSpec
from objectives.training import make_training_env

ALGORITHMS: tuple[Algorithm, ...] = tuple(AGENT_KINDS)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_defaults_are_those_of_the_agent(algorithm: Algorithm) -> None:
    written = dict(samplers.DEFAULTS[algorithm])
    net_arch = written.pop("policy_kwargs")["net_arch"]
    parameters = inspect.signature(AGENT_KINDS[algorithm].agent.__init__).parameters
    assert {name: parameters[name].default for name in written} == written

    spec = EnvironmentSpec(backend="gymnasium", task="Pendulum-v1", n_envs=1)
    env = make_training_env(spec, algorithm, seed=0)
    small = {"buffer_size": 10} if "buffer_size" in written else {}
    plain, same = (
        make_agent(algorithm, {**given, **small}, env, seed=0) for given in ({}, samplers.DEFAULTS[algorithm])
    )
    if algorithm == "sb3-ppo":
        assert str(plain.policy) == str(same.policy)
    else:
        networks = {"pi": plain.policy.net_arch_pi, "qf": getattr(plain.policy, "net_arch_qf", None)}
        assert net_arch in (networks["pi"], networks)
        assert same.policy.net_arch_pi == networks["pi"]
    env.close()
