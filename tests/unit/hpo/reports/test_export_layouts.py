from typing import Any

import pytest
import yaml

from hpo.errors import UserError
from hpo.reports.export_layouts import LAYOUTS, Export
from hpo.runs.run_config import RunConfig


def export(hyperparameters: dict[str, Any], provenance: dict[str, Any] | None = None) -> Export:
    config = RunConfig(backend="gymnasium", task="Pendulum-v1")
    return Export(config, hyperparameters, n_timesteps=1000, provenance=provenance or {})


@pytest.mark.parametrize("layout", ["zoo", "sb3-cfg"])
@pytest.mark.parametrize(
    "hyperparameters",
    [
        {"policy_kwargs": {"activation_fn": "relu if __import__('os').getpid() else 0"}},
        {"policy_kwargs": {"x=__import__('os').getpid(), y": 1}},
        {"replay_buffer_kwargs": "__import__('os').getpid()"},
        {"train_freq": [1, "__import__('os')"]},
    ],
)
def test_what_the_other_tool_would_run_as_code_is_not_exported(layout: str, hyperparameters: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="would run it as code"):
        LAYOUTS[layout](export(hyperparameters))


def test_names_and_numbers_are_exported() -> None:
    hyperparameters = {"ent_coef": "auto_0.1", "policy_kwargs": {"activation_fn": "elu", "net_arch": [8, 8]}}
    assert yaml.safe_load(LAYOUTS["sb3-cfg"](export(hyperparameters)))["policy_kwargs"]["activation_fn"] == "nn.ELU"
    assert yaml.safe_load(LAYOUTS["zoo"](export(hyperparameters)))["Pendulum-v1"]["ent_coef"] == "auto_0.1"


def test_an_activation_that_torch_has_not_is_named() -> None:
    with pytest.raises(UserError, match="activation 'softmoon' is not exported"):
        LAYOUTS["sb3-cfg"](export({"policy_kwargs": {"activation_fn": "softmoon"}}))


@pytest.mark.parametrize("layout", ["zoo", "sb3-cfg"])
def test_provenance_does_not_leave_the_comment(layout: str) -> None:
    text = LAYOUTS[layout](export({}, {"git_commit": "x\nenv_wrapper: os.system\u2028callback: y\x1b[2J"}))
    assert "env_wrapper: os.system" in text
    assert "\x1b" not in text
    assert not {"env_wrapper", "callback"} & yaml.safe_load(text).keys()


@pytest.mark.parametrize("layout", ["zoo", "sb3-cfg"])
def test_the_minibatches_of_a_ppo_are_exported_as_its_batch_size(layout: str) -> None:
    fields = yaml.safe_load(LAYOUTS[layout](export({"n_steps": 16, "n_minibatches": 4, "n_epochs": 5})))
    entry = fields.get("Pendulum-v1", fields)
    assert (entry["batch_size"], "n_minibatches" in entry) == (1024 * 16 // 4, False)


@pytest.mark.parametrize("layout", ["zoo", "sb3-cfg"])
def test_what_other_tools_do_not_have_is_named(layout: str) -> None:
    own = {"target_update_interval": 2, "policy_kwargs": {"log_std_bound": "tanh", "net_arch": [8]}}
    first_lines = LAYOUTS[layout](export(own)).splitlines()[:2]
    assert first_lines[1].startswith("# target_update_interval, log_std_bound: of hpo's SAC alone")
    assert "of hpo's SAC alone" not in LAYOUTS[layout](export({"tau": 0.1}))
